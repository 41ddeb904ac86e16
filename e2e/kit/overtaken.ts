import { eventually } from 'txmsg/testing';
import type { ServiceProcess } from './service-process.js';
import { checkBackAnswers } from './check-backs.js';
import { transfer, type Answer, type TransferOrder } from './http.js';
import type { TestBanks } from './test-banks.js';

/** Less than what a suite allows one test. */
const ROUNDS_DEADLINE_MS = 120_000;
const ROUND_DEADLINE_MS = 60_000;

export interface OvertakenTransfer {
  readonly order: TransferOrder & { readonly txNo: string };
  readonly answer: Answer;
}

/**
 * Makes a transfer at `slow` whose local transaction is still waiting for a lock when `asked` answers its check-back
 * with ROLLBACK. It waits for some ten seconds and then gives up; on a busy machine the broker may ask later than that.
 * Then another transfer is made, for as long as it takes.
 * @param orderOf - opens the accounts of a transfer with this txNo
 */
export async function overtakenTransfer(
  banks: TestBanks,
  { slow, asked }: { readonly slow: ServiceProcess; readonly asked: ServiceProcess },
  orderOf: (txNo: string) => Promise<OvertakenTransfer['order']>,
): Promise<OvertakenTransfer> {
  const endsAtMs = Date.now() + ROUNDS_DEADLINE_MS;
  for (let round = 1; ; round += 1) {
    const order = await orderOf(`overtaken-${round}`);
    const release = await banks.books.holdBarrier(order.txNo, banks.producerGroup);
    let answer: Answer | undefined;
    const call = transfer(slow, order).then((given) => (answer = given));
    const isFenced = (): boolean => checkBackAnswers([asked], order.txNo).includes('ROLLBACK');
    const isOver = (): boolean => isFenced() || answer !== undefined;
    await eventually(isOver, { timeoutMs: ROUND_DEADLINE_MS }).finally(release);
    const gaveUp = answer !== undefined;
    if (!gaveUp) return { order, answer: await call };
    if (Date.now() > endsAtMs) throw new Error(`No check-back overtook any of ${round} transfers.`);
  }
}
