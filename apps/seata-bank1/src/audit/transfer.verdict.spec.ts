import { describe, expect, it } from '@jest/globals';
import {
  finalVerdictOf,
  STANDINGS,
  verdictOf,
  type BookedCredit,
  type BookedTransfer,
  type Standing,
} from './transfer.verdict.js';

const moved = { txNo: 't-1', pattern: 'TCC', amount: '7.00', xid: 'h:1:1' } as const;
const transfer = (standing: Standing, changed: Partial<BookedTransfer> = {}): BookedTransfer => ({
  ...moved,
  toAccountNo: '2',
  standing,
  ...changed,
});
const credit = (state: 'OPEN' | 'CREDITED', changed: Partial<BookedCredit> = {}): BookedCredit => ({
  ...moved,
  accountNo: '2',
  state,
  ...changed,
});
const later = { xid: 'h:1:2' };

describe('a transfer held against what bank2 had before', () => {
  it.each<[Standing | undefined, string, string, string]>([
    // Without a credit; with an open one; with one for good.
    ['OPEN', 'IN_FLIGHT', 'IN_FLIGHT', 'WRONG'],
    ['RESERVED', 'IN_FLIGHT', 'IN_FLIGHT', 'IN_FLIGHT'],
    ['UNDOABLE', 'IN_FLIGHT', 'IN_FLIGHT', 'IN_FLIGHT'],
    ['COMMITTED', 'LOOK_AGAIN', 'IN_FLIGHT', 'COMMITTED'],
    ['ROLLED_BACK', 'NOTHING', 'IN_FLIGHT', 'WRONG'],
    [undefined, 'NOTHING', 'IN_FLIGHT', 'WRONG'],
  ])('%s: %s without a credit, %s with an open one, %s with one for good', (standing, ...expected) => {
    const sent = standing && transfer(standing);
    const credits = [undefined, credit('OPEN'), credit('CREDITED')];
    expect(credits.map((each) => verdictOf(sent, each).kind)).toEqual(expected);
  });

  it.each(STANDINGS)('%s: is wrong with a credit for good of another global transaction', (standing) => {
    expect(verdictOf(transfer(standing), credit('CREDITED', later)).kind).toBe('WRONG');
  });

  it.each([{ amount: '7.01' }, { accountNo: '3' }, { pattern: 'AT' as const }])(
    'is wrong with a credit of other contents: %j',
    (changed) => {
      expect(verdictOf(transfer('COMMITTED'), credit('CREDITED', changed)).kind).toBe('WRONG');
    },
  );

  it('is looked at again when the credit of an earlier try was still being rolled back', () => {
    expect(verdictOf(transfer('COMMITTED', later), credit('OPEN')).kind).toBe('LOOK_AGAIN');
  });

  it('is wrong when a look at bank2 after that does not find its credit', () => {
    const committed = transfer('COMMITTED', later);
    expect(finalVerdictOf(committed, credit('CREDITED', later)).kind).toBe('COMMITTED');
    expect(finalVerdictOf(committed, credit('OPEN', later)).kind).toBe('IN_FLIGHT');
    for (const found of [undefined, credit('OPEN')]) {
      expect(finalVerdictOf(committed, found)).toMatchObject({
        kind: 'WRONG',
        expected: 'a credit of h:1:2',
      });
    }
  });
});
