import { readFileSync } from 'node:fs';
import type { SeataBank, TwoPhasePattern } from '@txmsg/contracts';
import { call, postJson, type Answer } from '../../../e2e/kit/http.js';
import { waitUntil } from '../../stack/wait-until.js';
import { describe } from '../bank-client.js';
import { assertHolds } from '../demo-case.js';
import type { DemoService } from '../demo-service.js';
import { add, subtract } from '../money.js';
import type { Terminal } from '../terminal.js';
import type { SeataTables } from './seata-tables.js';
import type { SeataWorld } from './seata-world.js';

/** Above every deadline of the banks themselves. */
const CALL_DEADLINE_MS = 60_000;
/** The coordinator asks a branch again about every second, and a silent one every 15 s. */
const ENDED_DEADLINE_MS = 90_000;

/** What every transfer of the scene moves, unless a fault asks for another amount. */
export const AMOUNT = '1.00';
/** What the payer of each pair begins with. */
export const OPENING = '100.00';

/** What a case of this scene has to work with. */
export interface SeataContext {
  readonly world: SeataWorld;
  readonly tables: SeataTables;
  readonly terminal: Terminal;
  /** How the numbers of this run begin; each mode has a pair of accounts of its own. */
  readonly run: string;
}

export interface Balances {
  readonly bank1: string;
  readonly bank2: string;
}

/** The number of the mode's account at either bank. */
export function pairOf({ run }: SeataContext, mode: TwoPhasePattern): string {
  return `${run}-${mode.toLowerCase()}`;
}

/** As anybody can with curl. */
export function transfer(
  { world }: SeataContext,
  mode: TwoPhasePattern,
  { txNo, pair, amount = AMOUNT }: { readonly txNo: string; readonly pair: string; readonly amount?: string },
): Promise<Answer> {
  const order = JSON.stringify({ accountNo: pair, toAccountNo: pair, amount });
  const url = `${world.bank1.url}/${mode.toLowerCase()}/transfers`;
  return postJson(url, order, { 'idempotency-key': txNo }, CALL_DEADLINE_MS);
}

/** `GET /bank1/tcc/transfer?amount=2`. */
export function classicTransfer(
  context: SeataContext,
  mode: TwoPhasePattern,
  amount: string,
): Promise<Answer> {
  const pair = pairOf(context, mode);
  const query = `amount=${amount}&accountNo=${pair}&toAccountNo=${pair}`;
  const url = `${context.world.bank1.url}/${mode.toLowerCase()}/transfer?${query}`;
  return call(url, {}, CALL_DEADLINE_MS);
}

/** Where the transfer stands at a bank; undefined where the bank knows none. */
export async function stateAt(
  { url }: DemoService,
  kind: 'transfers' | 'credits',
  txNo: string,
): Promise<{ readonly state: string; readonly xid: string } | undefined> {
  const { status, body } = await call(`${url}/${kind}/${txNo}`, {}, CALL_DEADLINE_MS);
  return status === 200 ? { state: String(body?.state), xid: String(body?.xid) } : undefined;
}

/** Waits until phase two has run at both banks for all that the scene has asked for. @returns when that was seen */
export async function untilEnded(context: SeataContext): Promise<number> {
  context.terminal.progress('Waiting until nothing is open at either bank …');
  const wait = { deadlineMs: ENDED_DEADLINE_MS, intervalMs: 50, hint: logHint(context) };
  await waitUntil('The end of every transfer at both banks', wait, async () => {
    return (await context.tables.openWork(context.run)) === 0;
  });
  return Date.now();
}

/** Ended at both banks, the pair has what it had, and so much was moved. */
export async function assertMoved(
  context: SeataContext,
  pair: string,
  before: Balances,
  moved: string,
): Promise<Balances> {
  await untilEnded(context);
  const now = await context.tables.balances(pair);
  const expected = { bank1: subtract(before.bank1, moved), bank2: add(before.bank2, moved) };
  assertHolds(
    now.bank1 === expected.bank1 && now.bank2 === expected.bank2,
    `The balances of ${pair} should be ${expected.bank1} and ${expected.bank2}, and are ${now.bank1} and ${now.bank2}.`,
  );
  return now;
}

export function assertAnswer(answer: Answer, expected: string): void {
  const found = describe(answer);
  assertHolds(found === expected, `The answer should be ${expected}, and is ${found}: ${answer.text}`);
}

/** Waits for a line of the service's log that has all of these. */
export async function untilLogged(
  service: DemoService<SeataBank>,
  ...parts: readonly string[]
): Promise<void> {
  const wait = { deadlineMs: ENDED_DEADLINE_MS, intervalMs: 20, hint: `Its log: ${service.logFile}` };
  await waitUntil(`A line of ${service.name} with ${parts.join(', ')}`, wait, () =>
    readFileSync(service.logFile, 'utf8')
      .split('\n')
      .some((line) => parts.every((part) => line.includes(part))),
  );
}

export function logHint({ world }: SeataContext): string {
  return `The logs: ${world.logFile('seata-bank1')}, ${world.logFile('seata-bank2')}`;
}
