import { describe, expect, it } from '@jest/globals';
import { audit } from './audit.js';
import type { AuditReport } from './audit-report.js';
import type { BookedTransfer, Books } from './books.js';

const BANK1 = ['NOTHING', 'DEBITED', 'COMPLETED', 'REFUNDED'] as const;
/** OTHER_…: with other contents than bank1's row. */
const BANK2 = ['NOTHING', 'CREDITED', 'REJECTED', 'OTHER_CREDITED', 'OTHER_REJECTED'] as const;
type Bank1 = (typeof BANK1)[number];
type Bank2 = (typeof BANK2)[number];

const OURS = { txNo: 't', accountNo: '1', toAccountNo: '2', amount: '50.00' };
const OTHERS = { ...OURS, amount: '7.00' };

const rowOfBank1 = (state: Bank1): BookedTransfer[] => (state === 'NOTHING' ? [] : [{ ...OURS, state }]);
function rowOfBank2(state: Bank2): BookedTransfer[] {
  if (state === 'NOTHING') return [];
  return [{ ...(state.startsWith('OTHER') ? OTHERS : OURS), state: state.replace('OTHER_', '') }];
}

/** Accounts that follow from the rows, so that only the pair of rows can be wrong. */
function books(opening: string, balance: string, rows: readonly BookedTransfer[]): Books {
  return {
    readAccounts: () => Promise.resolve({ opening, balance, wrongCount: 0, wrong: [] }),
    transfers: async function* () {
      await Promise.resolve();
      yield* rows;
    },
  };
}
const booksOfBank1 = (state: Bank1): Books =>
  books('100.00', state === 'DEBITED' || state === 'COMPLETED' ? '50.00' : '100.00', rowOfBank1(state));
const booksOfBank2 = (state: Bank2): Books =>
  books(
    '0.00',
    state === 'CREDITED' ? '50.00' : state === 'OTHER_CREDITED' ? '7.00' : '0.00',
    rowOfBank2(state),
  );

interface Readings {
  readonly bank1: Bank1;
  readonly bank2: Bank2;
  /** Read after bank1; absent when all is of one moment. */
  readonly bank2Later?: Bank2;
}

function judge({ bank1, bank2, bank2Later }: Readings, foreignSenders: boolean): Promise<AuditReport> {
  const later = bank2Later === undefined ? {} : { bank2Later: booksOfBank2(bank2Later) };
  return audit({ bank1: booksOfBank1(bank1), bank2: booksOfBank2(bank2), ...later }, { foreignSenders });
}

/** Every step that the protocol and foreign senders can take, from one pair of rows to the next. */
function next([bank1, bank2]: readonly [Bank1, Bank2], foreignSenders: boolean): (readonly [Bank1, Bank2])[] {
  const steps: (readonly [Bank1, Bank2])[] = [];
  if (bank1 === 'NOTHING') steps.push(['DEBITED', bank2]);
  if (bank2 === 'NOTHING') {
    // A stranger's message that is refused moves no money, whether or not foreign senders are declared.
    steps.push([bank1, 'OTHER_REJECTED']);
    if (foreignSenders) steps.push([bank1, 'OTHER_CREDITED']);
    if (bank1 === 'DEBITED') steps.push([bank1, 'CREDITED'], [bank1, 'REJECTED']);
  }
  if (bank1 === 'DEBITED' && bank2 !== 'NOTHING') {
    steps.push([bank2 === 'CREDITED' ? 'COMPLETED' : 'REFUNDED', bank2]);
  }
  return steps;
}

function reachableFrom(start: readonly [Bank1, Bank2], foreignSenders: boolean): (readonly [Bank1, Bank2])[] {
  const further = next(start, foreignSenders).flatMap((pair) => reachableFrom(pair, foreignSenders));
  return [start, ...further];
}

/** While bank1 has no row, bank2's contents differ from none; all of them are called OTHER here. */
const statesBeside = (bank1: Bank1): readonly Bank2[] =>
  BANK2.filter((state) => bank1 !== 'NOTHING' || state === 'NOTHING' || state.startsWith('OTHER'));

function nameOf({ bank1, bank2, bank2Later }: Readings): string {
  const names = [bank2, bank1, ...(bank2Later === undefined ? [] : [bank2Later])];
  return (
    bank1 === 'NOTHING' ? names.map((name) => name.replace(/^(CREDITED|REJECTED)$/, 'OTHER_$1')) : names
  ).join(' ');
}

function legalMoments(foreignSenders: boolean): Set<string> {
  const all = reachableFrom(['NOTHING', 'NOTHING'], foreignSenders);
  return new Set(all.map(([bank1, bank2]) => nameOf({ bank1, bank2 })));
}

/** bank2, some time later bank1, some time later bank2 again. */
function legalReadings(foreignSenders: boolean): Set<string> {
  const names = new Set<string>();
  for (const first of reachableFrom(['NOTHING', 'NOTHING'], foreignSenders)) {
    for (const second of reachableFrom(first, foreignSenders)) {
      for (const [, bank2Later] of reachableFrom(second, foreignSenders)) {
        names.add(nameOf({ bank1: second[0], bank2: first[1], bank2Later }));
      }
    }
  }
  return names;
}

describe('what the audit makes of the two rows under one txNo', () => {
  /** Every pair at one moment. `in flight`, of that `refused`, and what is `missing`; WRONG: it does not agree. */
  const table: [Bank1, Bank2, declared: string, undeclared: string][] = [
    ['NOTHING', 'NOTHING', 'agrees', 'agrees'],
    ['NOTHING', 'OTHER_CREDITED', 'agrees', 'WRONG, missing -7.00'],
    ['NOTHING', 'OTHER_REJECTED', 'agrees', 'agrees'],
    ['DEBITED', 'NOTHING', 'agrees, in flight 50.00', 'agrees, in flight 50.00'],
    ['DEBITED', 'CREDITED', 'agrees', 'agrees'],
    ['DEBITED', 'REJECTED', 'agrees, in flight 50.00, refused', 'agrees, in flight 50.00, refused'],
    [
      'DEBITED',
      'OTHER_CREDITED',
      'agrees, in flight 50.00, refused',
      'WRONG, in flight 50.00, refused, missing -7.00',
    ],
    ['DEBITED', 'OTHER_REJECTED', 'agrees, in flight 50.00, refused', 'agrees, in flight 50.00, refused'],
    ['COMPLETED', 'NOTHING', 'WRONG, missing 50.00', 'WRONG, missing 50.00'],
    ['COMPLETED', 'CREDITED', 'agrees', 'agrees'],
    ['COMPLETED', 'REJECTED', 'WRONG, missing 50.00', 'WRONG, missing 50.00'],
    ['COMPLETED', 'OTHER_CREDITED', 'WRONG, missing 50.00', 'WRONG, missing 43.00'],
    ['COMPLETED', 'OTHER_REJECTED', 'WRONG, missing 50.00', 'WRONG, missing 50.00'],
    ['REFUNDED', 'NOTHING', 'WRONG', 'WRONG'],
    ['REFUNDED', 'CREDITED', 'WRONG, missing -50.00', 'WRONG, missing -50.00'],
    ['REFUNDED', 'REJECTED', 'agrees', 'agrees'],
    ['REFUNDED', 'OTHER_CREDITED', 'agrees', 'WRONG, missing -7.00'],
    ['REFUNDED', 'OTHER_REJECTED', 'agrees', 'agrees'],
  ];

  function verdict({ agrees, money: { inFlight, refused, missing } }: AuditReport): string {
    return [
      agrees ? 'agrees' : 'WRONG',
      ...(inFlight === '0.00' ? [] : [`in flight ${inFlight}`]),
      ...(refused === '0.00' ? [] : ['refused']),
      ...(missing === '0.00' ? [] : [`missing ${missing}`]),
    ].join(', ');
  }

  it.each(table)('%s at bank1, %s at bank2', async (bank1, bank2, declared, undeclared) => {
    expect({
      declared: verdict(await judge({ bank1, bank2 }, true)),
      undeclared: verdict(await judge({ bank1, bank2 }, false)),
    }).toEqual({ declared, undeclared });
  });

  it('has every pair in its table', () => {
    const pairs = BANK1.flatMap((bank1) => statesBeside(bank1).map((bank2) => nameOf({ bank1, bank2 })));
    expect(new Set(table.map(([bank1, bank2]) => nameOf({ bank1, bank2 })))).toEqual(new Set(pairs));
  });

  it.each([true, false])(
    'agrees with exactly what can come about at one moment (foreign senders: %s)',
    async (foreignSenders) => {
      const legal = legalMoments(foreignSenders);
      for (const bank1 of BANK1) {
        for (const bank2 of statesBeside(bank1)) {
          const { agrees } = await judge({ bank1, bank2 }, foreignSenders);
          expect([bank1, bank2, agrees]).toEqual([bank1, bank2, legal.has(nameOf({ bank1, bank2 }))]);
        }
      }
    },
  );

  it.each([true, false])(
    'agrees with exactly what can be seen in three readings (foreign senders: %s)',
    async (foreignSenders) => {
      const legal = legalReadings(foreignSenders);
      for (const bank1 of BANK1) {
        for (const bank2 of statesBeside(bank1)) {
          for (const bank2Later of statesBeside(bank1)) {
            const readings = { bank1, bank2, bank2Later };
            const { agrees, money } = await judge(readings, foreignSenders);
            const isLegal = legal.has(nameOf(readings));
            expect([readings, agrees]).toEqual([readings, isLegal]);
            if (isLegal) expect([readings, money.missing]).toEqual([readings, '0.00']);
          }
        }
      }
    },
  );

  it('lists foreign credits apart, whether they are expected or not', async () => {
    for (const foreignSenders of [true, false]) {
      const { foreignCredits } = await judge({ bank1: 'DEBITED', bank2: 'OTHER_CREDITED' }, foreignSenders);
      expect(foreignCredits).toEqual({ count: 1, listed: [OTHERS], sum: '7.00' });
    }
  });

  it.each([
    [{ sent: [{ ...OURS, state: '' }], received: [] }, 'bank1'],
    [{ sent: [], received: [{ ...OURS, state: 'HELD' }] }, 'bank2'],
  ])('names a state that the protocol does not have', async ({ sent, received }, bank) => {
    const report = await audit({
      bank1: books('0.00', '0.00', sent),
      bank2: books('0.00', '0.00', received),
    });
    expect(report.disagreements.listed).toMatchObject([{ kind: 'TRANSFER', bank, txNo: 't' }]);
  });
});
