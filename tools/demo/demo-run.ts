import { StackError } from '../stack/stack-error.js';
import { readBalances } from './balances.js';
import { bank1Crashes, bank1CrashFault } from './cases/bank1-crashes.js';
import { bank1Refuses } from './cases/bank1-refuses.js';
import { bank2FailsFirst, bank2FailsFirstFault } from './cases/bank2-fails-first.js';
import { bothSucceed } from './cases/both-succeed.js';
import { moneyConserved } from './cases/money-conserved.js';
import { stepByStep } from './cases/step-by-step.js';
import { newTransfers, type CaseContext, type DemoCase } from './demo-case.js';
import type { DemoWorld } from './demo-world.js';
import { isLess } from './money.js';
import { playCases, since } from './play-cases.js';
import type { Terminal } from './terminal.js';

const CASES: readonly DemoCase[] = [
  stepByStep,
  bothSucceed,
  bank1Refuses,
  bank1Crashes,
  bank2FailsFirst,
  moneyConserved,
];

/** What the cases that move money take from account 1 altogether. */
const NEEDED = '4.00';

/** Starts everything and plays every case, also after one has failed. @returns whether all of them hold */
export async function runDemo(world: DemoWorld, terminal: Terminal): Promise<boolean> {
  const transfers = newTransfers();
  const context: CaseContext = { world, terminal, transfers };
  const startedMs = performance.now();
  terminal.line(
    terminal.paint('bold', 'txmsg: money moves from bank1 to bank2 by RocketMQ transactional messages'),
  );
  await world.start({
    bank1: [bank1CrashFault(transfers.bank1Crashes)],
    bank2: [bank2FailsFirstFault(transfers.bank2FailsFirst)],
  });
  terminal.line(
    `Servers${world.servers.wereRunning ? ' (running before)' : ''} and both banks are up${since(startedMs)}.`,
  );
  await assertPayerCanPay(context);
  return playCases(CASES, context, startedMs);
}

async function assertPayerCanPay(context: CaseContext): Promise<void> {
  const { bank1 } = await readBalances(context);
  if (!isLess(bank1, NEEDED)) return;
  throw new StackError(
    `Account 1 at bank1 has only ${bank1}, and the demo moves ${NEEDED}: "npm run stack -- reset" deletes all data, ` +
      'and the next run begins with 10000.00 again.',
  );
}
