import { NOTIFY_TOPIC } from '@txmsg/contracts';
import { call, postJson, type Answer } from '../../../e2e/kit/http.js';
import { StackError } from '../../stack/stack-error.js';
import { waitUntil } from '../../stack/wait-until.js';
import { BrokenProgram } from '../broken-program.js';
import type { Terminal } from '../terminal.js';
import type { NotificationTables } from './notification-tables.js';
import type { NotificationWorld } from './notification-world.js';

/** Above every deadline of the services themselves. */
const CALL_DEADLINE_MS = 15_000;
/** A message that a crashed relay had in hand is left to it for ten seconds. */
export const WAIT_DEADLINE_MS = 90_000;

/** The account of the seed data, and what every payment of the scene is about. */
export const ACCOUNT_NO = '1';
export const AMOUNT = '1.00';

/** What a case of this scene has to work with. */
export interface NotificationContext {
  readonly world: NotificationWorld;
  readonly tables: NotificationTables;
  readonly terminal: Terminal;
  /** How the numbers of this run begin. */
  readonly run: string;
  /** Every payment that a case has made or meant to make. */
  readonly made: { readonly txNo: string; readonly way: string; readonly isBroken: boolean }[];
}

/** As anybody can with curl. */
export function pay({ world }: NotificationContext, txNo: string): Promise<Answer> {
  const body = JSON.stringify({ accountNo: ACCOUNT_NO, amount: AMOUNT });
  return postJson(`${world.pay.url}/topups`, body, { 'idempotency-key': txNo }, CALL_DEADLINE_MS);
}

/** What pay answers who asks: `success`, or undefined while it knows no such payment. */
export async function payResult({ world }: NotificationContext, txNo: string): Promise<string | undefined> {
  const answer = await get(`${world.pay.url}/payresult/${txNo}`);
  return isFound(answer, 'PAYMENT_NOT_FOUND') ? String(answer.body?.result) : undefined;
}

/** Where the top-up stands at bank1; undefined when it has not heard of it. */
export async function topUpState({ world }: NotificationContext, txNo: string): Promise<string | undefined> {
  const answer = await get(`${world.bank1.url}/topups/${txNo}`);
  return isFound(answer, 'TOP_UP_NOT_FOUND') ? String(answer.body?.state) : undefined;
}

export async function balance({ world }: NotificationContext): Promise<string> {
  const answer = await get(`${world.bank1.url}/accounts/${ACCOUNT_NO}`);
  return isFound(answer, 'ACCOUNT_NOT_FOUND') ? String(answer.body?.balance) : 'no account';
}

/** Lets bank1 ask pay now, and credit what it hears. */
export function ask({ world }: NotificationContext, txNo: string): Promise<Answer> {
  return get(`${world.bank1.url}/payresult/${txNo}`);
}

/** @returns when bank1 was seen to have credited it */
export async function untilCredited(context: NotificationContext, txNo: string): Promise<number> {
  context.terminal.progress('Waiting for the credit at bank1 …');
  const wait = { deadlineMs: WAIT_DEADLINE_MS, intervalMs: 20, hint: logHint(context) };
  await waitUntil('The credit at bank1', wait, async () => (await topUpState(context, txNo)) === 'CREDITED');
  return Date.now();
}

/** How many messages about payments there have ever been; undefined where that cannot be asked. */
export function messagesSent({ world }: NotificationContext): Promise<number | undefined> {
  return world.messagesEver(NOTIFY_TOPIC);
}

/** Pays as the classic service does, up to its insert, and kills it there. */
export async function payAndBeKilled(
  { world, terminal }: NotificationContext,
  txNo: string,
): Promise<{ readonly insertedMs: number; readonly killedMs: number }> {
  terminal.progress('Starting a program that pays the classic way …');
  const { PAY_MYSQL_URL: MYSQL_URL, ROCKETMQ_ENDPOINTS, ROCKETMQ_NAMESRV } = world.stack;
  const environment = { MYSQL_URL, ROCKETMQ_ENDPOINTS, ROCKETMQ_NAMESRV };
  const payment = [txNo, ACCOUNT_NO, AMOUNT];
  const program = BrokenProgram.start('notification/classic-payment.ts', payment, environment);
  try {
    const insertedMs = await program.untilSays('inserted');
    return { insertedMs, killedMs: await program.kill() };
  } finally {
    await program.kill();
  }
}

export function logHint({ world }: NotificationContext): string {
  return `The logs: ${(['pay', 'bank1', 'notifier'] as const).map((name) => world.logFile(name)).join(', ')}`;
}

function get(url: string): Promise<Answer> {
  return call(url, {}, CALL_DEADLINE_MS);
}

function isFound({ status, body, text }: Answer, notFound: string): boolean {
  if (status === 200) return true;
  if (status === 404 && body?.code === notFound) return false;
  throw new StackError(`An answer should have been 200 or ${notFound}, and was ${status} ${text}.`);
}
