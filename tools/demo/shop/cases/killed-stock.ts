import type { FaultRule } from 'txmsg/faults';
import { meetFault } from '../../admin-call.js';
import { says } from '../../bank-log.js';
import { assertHolds, printTimeline, type DemoCase } from '../../demo-case.js';
import {
  BROUGHT_IN,
  deductionNow,
  logHint,
  placedEntry,
  placeOrder,
  untilCancelled,
  type SceneOrder,
  type ShopContext,
} from '../shop-context.js';

const CRASH_DEADLINE_MS = 30_000;
const DUPLICATE_DEADLINE_MS = 90_000;

/** Where stock is killed, and how. */
interface Crash {
  /** The last part of the txNo. */
  readonly number: string;
  readonly title: string;
  readonly killed: string;
  /** The same in few words. */
  readonly way: string;
  readonly fault: Pick<FaultRule, 'point' | 'action'>;
  /** Whether the order is CANCELLED before stock is killed. */
  readonly isToldBefore: boolean;
}

const CRASHES: readonly Crash[] = [
  {
    number: 'b',
    title:
      '(b) Ours, killed right after the COMMIT of the refusal: the compensation is in the table, and goes out',
    killed: 'after the COMMIT of the refusal, before it sent or acknowledged anything',
    way: 'ours, killed after the COMMIT of the refusal',
    fault: { point: 'consume.committed', action: 'kill' },
    isToldBefore: false,
  },
  {
    number: 'c',
    title:
      '(c) Ours, killed where the classic way was: the refusal is recorded, and the order stays cancelled',
    killed: 'before it acknowledged the message',
    way: 'ours, killed before it acknowledged',
    // It waits there until the scene kills it, so that the order is seen CANCELLED first.
    fault: { point: 'consume.before-acknowledge', action: 'hang' },
    isToldBefore: true,
  },
];

export const killedStock: readonly DemoCase<ShopContext>[] = CRASHES.map((crash) => ({
  title: crash.title,

  async play(context) {
    const { world, tables, terminal, run } = context;
    const txNo = `${run}-${crash.number}`;
    const stock = await world.runningStock();
    await meetFault(world, stock, { ...crash.fault, txNo });
    terminal.progress('Waiting for the refusal …');
    const order = await placeOrder(context, { txNo, way: crash.way, isBroken: false });
    const before = crash.isToldBefore ? await untilCancelled(context, order) : undefined;
    const end = before === undefined ? await stock.untilEnded(CRASH_DEADLINE_MS) : await stock.kill();
    await tables.bringIn(txNo, BROUGHT_IN);
    const broughtMs = Date.now();
    await world.runningStock();
    const readyMs = Date.now();
    terminal.progress('Waiting for the compensation, and for the same message once more …');
    const cancelled = before ?? (await untilCancelled(context, order));
    const duplicateMs = await untilDuplicate(context, order);
    const [state, left] = [await deductionNow(context, order), await tables.left(txNo)];
    printTimeline(context, order.placedMs, [
      placedEntry(order),
      { atMs: cancelled.atMs, who: 'order', what: `CANCELLED, ${String(cancelled.reason)}` },
      { atMs: end.atMs, who: 'stock', what: `killed (${end.how}) ${crash.killed}` },
      { atMs: broughtMs, who: 'you', what: `bring in ${BROUGHT_IN} pieces of the product` },
      { atMs: readyMs, who: 'stock', what: 'another instance is ready' },
      { atMs: duplicateMs, who: 'stock', what: 'the same message again: a duplicate, nothing deducted' },
      { atMs: Date.now(), who: 'you', what: `look: ${state} at stock, ${left} of ${BROUGHT_IN} pieces left` },
    ]);
    assertHolds(state === 'REFUSED', `Stock should have refused the order, and has it as ${state}.`);
    assertHolds(left === BROUGHT_IN, `There should be ${BROUGHT_IN} pieces left, and there are ${left}.`);
  },
}));

async function untilDuplicate(context: ShopContext, { txNo }: SceneOrder): Promise<number> {
  const line = await context.world.stock.log.waitFor(txNo, says('message consumed: DUPLICATE'), {
    what: 'The second delivery of the order',
    deadlineMs: DUPLICATE_DEADLINE_MS,
    hint: logHint(context),
  });
  return line.timestamp;
}
