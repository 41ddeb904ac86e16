import { beforeEach, describe, expect, it } from '@jest/globals';
import { AuditUnreadableError, compareTxNos, type ReservedAccountsReading } from '@txmsg/bank/audit';
import type { Bank2Books, Bank2Page } from './bank2-books.js';
import { BanksAudit } from './banks.audit.js';
import type { OwnBooks } from './own-books.js';
import type { BookedCredit, BookedTransfer, Standing } from './transfer.verdict.js';

const NOTHING: ReservedAccountsReading = {
  opening: '0.00',
  balance: '0.00',
  reserved: '0.00',
  wrongCount: 0,
  wrong: [],
};

describe('the audit of both banks', () => {
  let transfers: Map<string, BookedTransfer>;
  let credits: Map<string, BookedCredit>;
  let accounts: Record<'bank1' | 'bank2', ReservedAccountsReading>;
  /** Done once, between reading the one bank and the other. */
  let meanwhile: () => void;
  let bank2Readings: number;
  /** Small, so that few rows make several pages; bank1's have 1000. */
  let bank2PageSize: number;

  const moved = (txNo: string, xid = `x-${txNo}`) => ({ txNo, pattern: 'AT' as const, amount: '1.50', xid });
  const send = (txNo: string, standing: Standing = 'COMMITTED', xid?: string): void => {
    transfers.set(txNo, { ...moved(txNo, xid), toAccountNo: '2', standing });
  };
  const receive = (txNo: string, state: 'OPEN' | 'CREDITED' = 'CREDITED', xid?: string): void => {
    credits.set(txNo, { ...moved(txNo, xid), accountNo: '2', state });
  };
  const sorted = <Row extends { readonly txNo: string }>(
    rows: ReadonlyMap<string, Row>,
    after: string,
  ): Row[] =>
    [...rows.values()]
      .filter(({ txNo }) => compareTxNos(txNo, after) > 0)
      .sort((one, other) => compareTxNos(one.txNo, other.txNo));
  const own = {
    accounts: () => Promise.resolve(accounts.bank1),
    transfers: (after: string, upTo: string | null, size: number) => {
      const isWithin = ({ txNo }: BookedTransfer): boolean => upTo === null || compareTxNos(txNo, upTo) <= 0;
      return Promise.resolve(sorted(transfers, after).filter(isWithin).slice(0, size));
    },
  };
  const bank2 = {
    page: (after?: string): Promise<Bank2Page> => {
      bank2Readings += 1;
      const all = sorted(credits, after ?? '');
      const page = all.slice(0, bank2PageSize);
      meanwhile();
      meanwhile = () => undefined;
      const next = all.length > bank2PageSize ? (page.at(-1)?.txNo ?? null) : null;
      return Promise.resolve({ accounts: after === undefined ? accounts.bank2 : null, credits: page, next });
    },
  };
  const audit = () => new BanksAudit(own as OwnBooks, bank2 as Bank2Books).run();
  const found = async () => (await audit()).disagreements;
  const NONE = { count: 0, listed: [] };

  beforeEach(() => {
    transfers = new Map();
    credits = new Map();
    accounts = { bank1: NOTHING, bank2: NOTHING };
    meanwhile = () => undefined;
    bank2Readings = 0;
    bank2PageSize = 3;
  });

  it('agrees about nothing, and about many transfers, page by page', async () => {
    expect(await audit()).toMatchObject({ agrees: true, disagreements: NONE });
    bank2PageSize = 400;
    for (let index = 0; index < 2500; index += 1) {
      send(`t-${index}`);
      if (index % 250 === 0) receive(`t-${index}`, 'OPEN');
      else receive(`t-${index}`);
    }
    expect(await audit()).toMatchObject({
      disagreements: NONE,
      transfers: { committed: { count: 2490, sum: '3735.00' }, inFlight: { count: 10, sum: '15.00' } },
    });
  });

  it('agrees when a transfer is made from beginning to end between the two readings', async () => {
    send('a');
    receive('a');
    meanwhile = () => {
      for (const txNo of ['0', 'b', 'c', 'd', 'e', 'f']) {
        send(txNo);
        receive(txNo);
      }
    };
    expect(await found()).toEqual(NONE);
    expect(bank2Readings).toBeGreaterThan(1);
  });

  it('agrees when a credit is rolled back, and made anew, between the two readings', async () => {
    send('a', 'ROLLED_BACK', 'first');
    receive('a', 'OPEN', 'first');
    meanwhile = () => {
      send('a', 'COMMITTED', 'second');
      receive('a', 'CREDITED', 'second');
    };
    expect(await found()).toEqual(NONE);
  });

  it.each([
    ['committed', 'CREDITED'],
    ['rolled back', undefined],
  ] as const)('agrees when an open one is %s between the two readings', async (_, state) => {
    send('a', 'UNDOABLE');
    receive('a', 'OPEN');
    meanwhile = () => {
      send('a', state ? 'COMMITTED' : 'ROLLED_BACK');
      credits.delete('a');
      if (state) receive('a', state);
    };
    expect(await found()).toEqual(NONE);
  });

  it('names a credit that is gone, one that nobody sent, and one of another amount', async () => {
    for (const txNo of ['a', 'b', 'c', 'd', 'e']) {
      send(txNo);
      receive(txNo);
    }
    credits.delete('b');
    transfers.delete('d');
    credits.set('e', { ...moved('e'), amount: '1.51', accountNo: '2', state: 'CREDITED' });
    const { count, listed } = await found();
    expect(count).toBe(3);
    expect(listed).toEqual([
      {
        kind: 'TRANSFER',
        bank: 'bank2',
        txNo: 'b',
        found: 'no credit at bank2',
        expected: 'a credit of x-b',
      },
      expect.objectContaining({ txNo: 'd', expected: 'a transfer at bank1' }),
      expect.objectContaining({ txNo: 'e', found: 'CREDITED 1.51 to 2 under AT, x-e' }),
    ]);
  });

  it('finds everything when bank2 has lost its books, and lists the first of it', async () => {
    for (let index = 0; index < 1500; index += 1) send(`t-${index}`);
    const { count, listed } = await found();
    expect([count, listed.length]).toEqual([1500, 100]);
  });

  it('names accounts of either bank, those that are not listed are counted', async () => {
    const due = { balance: '1.00', reserved: '0.00' };
    accounts.bank1 = { ...NOTHING, wrongCount: 5, wrong: [{ accountNo: '1', present: null, due }] };
    accounts.bank2 = {
      ...NOTHING,
      wrongCount: 1,
      wrong: [{ accountNo: '2', present: { ...due, reserved: '9.00' }, due }],
    };
    expect(await found()).toEqual({
      count: 6,
      listed: [
        {
          kind: 'ACCOUNT',
          bank: 'bank1',
          accountNo: '1',
          found: 'no account_info row',
          expected: '1.00, and 0.00 reserved',
        },
        {
          kind: 'ACCOUNT',
          bank: 'bank2',
          accountNo: '2',
          found: '1.00, and 9.00 reserved',
          expected: '1.00, and 0.00 reserved',
        },
      ],
    });
  });

  it('says nothing when a page cannot be read', async () => {
    meanwhile = () => {
      throw new AuditUnreadableError('bank2 is away.');
    };
    await expect(audit()).rejects.toThrow(AuditUnreadableError);
  });
});
