import { call, postJson, type Answer } from '../../../e2e/kit/http.js';
import { StackError } from '../../stack/stack-error.js';
import { waitUntil } from '../../stack/wait-until.js';
import { assertHolds } from '../demo-case.js';
import type { Terminal } from '../terminal.js';
import type { TimelineEntry } from '../timeline.js';
import type { ShopTables } from './shop-tables.js';
import type { ShopWorld } from './shop-world.js';

/** Above every deadline of the services themselves. */
const CALL_DEADLINE_MS = 15_000;
/** A compensation that a crashed relay had in hand is left to it for ten seconds. */
const CANCELLED_DEADLINE_MS = 90_000;

/** Every order of the scene asks for so many, of a product that has none. */
export const PAY_COUNT = 3;
/** So many come in while nobody handles the order's message. */
export const BROUGHT_IN = 10;

/** An order of the scene, for a product of its own. */
export interface SceneOrder {
  /** Names the product too. */
  readonly txNo: string;
  readonly orderNo: string;
  /** In which way it is handled, and where that is killed. */
  readonly way: string;
  readonly isBroken: boolean;
  readonly placedMs: number;
}

/** What a case of this scene has to work with. */
export interface ShopContext {
  readonly world: ShopWorld;
  readonly tables: ShopTables;
  readonly terminal: Terminal;
  /** How the numbers of this run begin. */
  readonly run: string;
  /** Every order that a case has placed. */
  readonly placed: SceneOrder[];
}

export interface OrderNow {
  readonly status: string;
  readonly reason: string | null;
}

/** As anybody can with curl. The product is known, and sold out. */
export async function placeOrder(
  { world, tables, placed }: ShopContext,
  { txNo, way, isBroken }: Pick<SceneOrder, 'txNo' | 'way' | 'isBroken'>,
): Promise<SceneOrder> {
  await tables.bringIn(txNo, 0);
  const body = JSON.stringify({ productId: txNo, payCount: PAY_COUNT });
  const placedMs = Date.now();
  const headers = { 'idempotency-key': txNo };
  const answer = await postJson(`${world.order.url}/orders`, body, headers, CALL_DEADLINE_MS);
  const orderNo = answer.body?.orderNo;
  if (answer.status !== 201 || typeof orderNo !== 'string') throw unexpected('The order', '201', answer);
  const order = { txNo, orderNo, way, isBroken, placedMs };
  placed.push(order);
  return order;
}

export function placedEntry({ placedMs }: SceneOrder): TimelineEntry {
  const what = `POST /order/orders: ${PAY_COUNT} pieces of a product that has none: 201 PENDING`;
  return { atMs: placedMs, who: 'you', what };
}

export async function orderNow({ world }: ShopContext, { orderNo }: SceneOrder): Promise<OrderNow> {
  const answer = await call(`${world.order.url}/orders/${orderNo}`, {}, CALL_DEADLINE_MS);
  const { status, reason } = answer.body ?? {};
  if (answer.status !== 200 || typeof status !== 'string') throw unexpected('The order', '200', answer);
  return { status, reason: typeof reason === 'string' ? reason : null };
}

/** Waits until order says CANCELLED. @returns when, and why */
export async function untilCancelled(
  context: ShopContext,
  order: SceneOrder,
): Promise<{ readonly atMs: number; readonly reason: string | null }> {
  const wait = { deadlineMs: CANCELLED_DEADLINE_MS, intervalMs: 20, hint: logHint(context) };
  let now: OrderNow | undefined;
  await waitUntil('The cancellation of the order', wait, async () => {
    now = await orderNow(context, order);
    assertHolds(now.status !== 'CONFIRMED', 'The order was confirmed, and stock had no pieces for it.');
    return now.status === 'CANCELLED';
  });
  return { atMs: Date.now(), reason: now?.reason ?? null };
}

/** What stock says about the order. */
export async function deductionNow({ world }: ShopContext, { txNo }: SceneOrder): Promise<string> {
  const answer = await call(`${world.stock.url}/deductions/${txNo}`, {}, CALL_DEADLINE_MS);
  const { state } = answer.body ?? {};
  if (answer.status !== 200 || typeof state !== 'string') throw unexpected('The deduction', '200', answer);
  return state;
}

export function logHint({ world }: ShopContext): string {
  return `The logs: ${world.logFile('order')}, ${world.logFile('stock')}`;
}

function unexpected(what: string, expected: string, { status, text }: Answer): StackError {
  return new StackError(`${what} should have been answered ${expected}, and was answered ${status} ${text}.`);
}
