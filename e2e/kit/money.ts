import { expect } from '@jest/globals';
import { eventually } from 'txmsg/testing';
import type { Books } from './books.js';
import type { SentTransfer } from './transfer-load.js';

export interface ExpectedMoney {
  /** Refused at bank2, or not arrived yet. @default '0.00' */
  readonly inFlight?: string;
  /** Credited for foreign senders, who are declared then. @default '0.00' */
  readonly foreign?: string;
}

/** No money appeared or disappeared, and every account and transfer agrees with its tables, on both sides. */
export async function expectMoneyConserved(books: Books, expected: ExpectedMoney = {}): Promise<void> {
  const { inFlight = '0.00', foreign = '0.00' } = expected;
  const { agrees, disagreements, foreignCredits, money } = await books.audit(foreign !== '0.00');
  expect(disagreements.listed).toEqual([]);
  expect({ agrees, inFlight: money.inFlight, foreign: foreignCredits.sum }).toEqual({
    agrees: true,
    inFlight,
    foreign,
  });
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

/** Waits until bank1 has ended every transfer, as bank2 decided it. */
export async function expectAllEnded(books: Books, timeoutMs = 60_000): Promise<void> {
  await eventually(
    async () => {
      const open = (await books.allOutgoing()).filter(({ state }) => state === 'DEBITED');
      if (open.length === 0) return true;
      throw new Error(`${open.length} transfers are still DEBITED, such as ${open[0]?.txNo ?? ''}`);
    },
    { timeoutMs, intervalMs: 200 },
  );
  await expectMoneyConserved(books);
  const decided = new Map((await books.allIncoming()).map((row) => [row.txNo, row.state]));
  for (const { txNo, state } of await books.allOutgoing()) {
    expect([txNo, decided.get(txNo)]).toEqual([txNo, state === 'COMPLETED' ? 'CREDITED' : 'REJECTED']);
  }
}

/**
 * Callers were told the truth: 201 means that it was done, 503 that it was not. 202 and no answer promise
 * nothing. Only to be asked when all transfers have ended, since 503 also says "and it will not be".
 */
export async function expectTruthful(books: Books, sent: readonly SentTransfer[]): Promise<void> {
  const done = new Set((await books.allOutgoing()).map(({ txNo }) => txNo));
  expect(sent.filter(({ status }) => ![201, 202, 503, undefined].includes(status))).toEqual([]);
  expect(sent.filter(({ txNo, status }) => status === 201 && !done.has(txNo))).toEqual([]);
  expect(sent.filter(({ txNo, status }) => status === 503 && done.has(txNo))).toEqual([]);
}
