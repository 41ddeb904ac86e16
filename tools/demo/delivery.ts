import { StackError } from '../stack/stack-error.js';
import { waitUntil } from '../stack/wait-until.js';
import { says, type TransferLine } from './bank-log.js';
import type { CaseContext } from './demo-case.js';

/** How long a line of a process that has already acted may take to reach us. */
const LOG_DEADLINE_MS = 1000;

/** Where a failing wait sends its reader. */
export function logHint({ world }: CaseContext): string {
  return `The banks' logs: ${world.logFile('bank1')}, ${world.logFile('bank2')}`;
}

/**
 * Waits until bank2's database says CREDITED.
 * @returns the line that bank2 wrote about it; undefined when another instance of bank2 got the message
 */
export async function waitUntilCredited(
  context: CaseContext,
  txNo: string,
  deadlineMs: number,
): Promise<TransferLine | undefined> {
  const { bank2 } = context.world;
  await waitUntil('The credit at bank2', { deadlineMs, hint: logHint(context), intervalMs: 20 }, async () => {
    const state = await bank2.client.transferState(txNo);
    if (state === 'REJECTED') {
      throw new StackError('bank2 refused the transfer for good: is account 2 there, and not frozen?');
    }
    return state === 'CREDITED';
  });
  return findLine(() => bank2.log.find(txNo, says('message consumed: DONE')));
}

/** Waits until bank1 has learnt that the money arrived, by bank2's result or by asking bank2. */
export async function waitUntilCompleted(
  context: CaseContext,
  txNo: string,
  deadlineMs: number,
): Promise<TransferLine | undefined> {
  const { bank1 } = context.world;
  const what = `The completion of transfer ${txNo} at bank1`;
  await waitUntil(what, { deadlineMs, hint: logHint(context), intervalMs: 20 }, async () => {
    return (await bank1.client.transferState(txNo)) === 'COMPLETED';
  });
  return findLine(() => bank1.log.find(txNo, says('message consumed: DONE')));
}

/** Gives a line that was surely written the time to arrive. */
async function findLine(find: () => TransferLine | undefined): Promise<TransferLine | undefined> {
  const deadline = { deadlineMs: LOG_DEADLINE_MS, intervalMs: 10 };
  await waitUntil('The log line', deadline, () => find() !== undefined).catch(() => undefined);
  return find();
}
