import { expect } from '@jest/globals';
import { eventually } from 'txmsg/testing';
import type { Books } from './books.js';

export interface ExpectedMoney {
  /** Refused at bank2, or not arrived yet. @default '0.00' */
  readonly inFlight?: string;
  /** Credited for foreign senders. @default '0.00' */
  readonly foreign?: string;
}

/** No money appeared or disappeared, and every account and transfer agrees with its tables, on both sides. */
export async function expectMoneyConserved(books: Books, expected: ExpectedMoney = {}): Promise<void> {
  const { inFlight = '0.00', foreign = '0.00' } = expected;
  expect(await books.audit()).toEqual({ missing: '0.00', inFlight, foreign, disagreements: [] });
}

/** Waits until bank2 has decided about every transfer that left bank1; then all the money must be there. */
export async function expectAllArrived(books: Books, timeoutMs = 60_000): Promise<void> {
  await eventually(
    async () => {
      const arrived = new Set((await books.allIncoming()).map(({ txNo }) => txNo));
      const missing = (await books.allOutgoing()).filter(({ txNo }) => !arrived.has(txNo));
      if (missing.length === 0) return true;
      throw new Error(`${missing.length} transfers have not arrived, such as ${missing[0]?.txNo ?? ''}`);
    },
    { timeoutMs, intervalMs: 200 },
  );
  await expectMoneyConserved(books);
}
