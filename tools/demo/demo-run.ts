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
  const failures: string[] = [];
  for (const demoCase of CASES) {
    if (!(await holds(demoCase, context))) failures.push(demoCase.title);
  }
  terminal.line();
  terminal.line(summary(terminal, failures, startedMs));
  return failures.length === 0;
}

/** A case that breaks its promise is reported, and the demo goes on; a defect of the demo itself ends it. */
async function holds(demoCase: DemoCase, context: CaseContext): Promise<boolean> {
  const { terminal } = context;
  terminal.line();
  terminal.line(terminal.paint('bold', demoCase.title));
  try {
    await demoCase.play(context);
    terminal.line(`  ${terminal.paint('green', '✓ as promised')}`);
    return true;
  } catch (error) {
    terminal.line(`  ${terminal.paint('red', `✗ ${failureOf(error)}`)}`);
    return false;
  } finally {
    terminal.idle();
  }
}

function failureOf(error: unknown): string {
  if (error instanceof StackError) return error.message;
  // `fetch` says only "fetch failed"; why is in the cause.
  const cause = error instanceof Error && error.cause instanceof Error ? ` (${error.cause.message})` : '';
  return `${String(error)}${cause}`;
}

async function assertPayerCanPay(context: CaseContext): Promise<void> {
  const { bank1 } = await readBalances(context);
  if (!isLess(bank1, NEEDED)) return;
  throw new StackError(
    `Account 1 at bank1 has only ${bank1}, and the demo moves ${NEEDED}: "npm run stack -- reset" deletes all data, ` +
      'and the next run begins with 10000.00 again.',
  );
}

function summary(terminal: Terminal, failures: readonly string[], startedMs: number): string {
  if (failures.length === 0) return terminal.paint('green', `All ${CASES.length} hold${since(startedMs)}.`);
  return terminal.paint('red', `${failures.length} of ${CASES.length} do not hold: ${failures.join('; ')}`);
}

function since(startedMs: number): string {
  return ` (${((performance.now() - startedMs) / 1000).toFixed(1)} s)`;
}
