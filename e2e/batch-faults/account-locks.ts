import type { Bank } from '@txmsg/contracts';
import { eventually } from 'txmsg/testing';
import { DEADLINE_MS, type BatchedBanks } from './batched-banks.js';

/**
 * Starts a batch that changes both accounts, `first` before `last`, and locks them the other way round: InnoDB rolls the
 * batch back.
 * @returns what `start` did, and who tells whether there was a deadlock: on a slow machine the batch may have stopped
 * waiting before
 */
export async function inDeadlock<T>(
  { books }: BatchedBanks,
  bank: Bank,
  [first, last]: readonly [string, string],
  start: () => Promise<T>,
): Promise<{ readonly started: T; readonly wasVictim: () => Promise<boolean> }> {
  const before = await books.deadlocks(bank);
  const other = await books.holdAccount(bank, last);
  try {
    const started = await start();
    await eventually(() => other.isAwaited(), { timeoutMs: DEADLINE_MS });
    await other.alsoLock(first);
    return { started, wasVictim: async () => (await books.deadlocks(bank)) > before };
  } finally {
    await other.release();
  }
}

/**
 * Starts a batch that changes this account after other rows, and kills the bank while the batch waits for it.
 * @param isOver - whether the batch is over, so that nobody will wait any more
 * @returns what `start` did, and whether a transaction was waiting
 */
export async function killedWaiting<T>(
  stage: BatchedBanks,
  bank: Bank,
  accountNo: string,
  start: () => Promise<T>,
  isOver: () => Promise<boolean> = () => Promise.resolve(false),
): Promise<{ readonly started: T; readonly wasWaiting: boolean }> {
  const other = await stage.books.holdAccount(bank, accountNo);
  let started: T;
  let wasWaiting = false;
  try {
    started = await start();
    await eventually(async () => (wasWaiting = await other.isAwaited()) || (await isOver()), {
      timeoutMs: DEADLINE_MS,
    });
    await stage.bank(bank).kill('SIGKILL');
  } finally {
    await other.release();
  }
  await stage.restartAfter(bank, 'kill');
  return { started, wasWaiting };
}
