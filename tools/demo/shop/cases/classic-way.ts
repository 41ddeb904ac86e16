import { BrokenProgram } from '../../broken-program.js';
import { assertHolds, printTimeline, type DemoCase } from '../../demo-case.js';
import {
  BROUGHT_IN,
  orderNow,
  PAY_COUNT,
  placedEntry,
  placeOrder,
  untilCancelled,
  type ShopContext,
} from '../shop-context.js';

/** The refusal is told, and recorded nowhere: whoever handles the message next decides anew. */
export const classicWay: DemoCase<ShopContext> = {
  title: '(a) The classic way, an exception and then a compensation: pieces deducted for a cancelled order',
  verdict: 'broken, as it must be',

  async play(context) {
    const { tables, terminal, run } = context;
    const txNo = `${run}-classic`;
    terminal.progress('Starting a program that handles orders in the classic way …');
    const first = startClassic(context, txNo);
    try {
      await first.untilSays('ready');
      const order = await placeOrder(context, {
        txNo,
        way: 'classic, killed before it acknowledged',
        isBroken: true,
      });
      const refusedMs = await first.untilSays('refused');
      const compensatedMs = await first.untilSays('compensated');
      const cancelled = await untilCancelled(context, order);
      const killedMs = await first.kill();
      await tables.bringIn(txNo, BROUGHT_IN);
      const broughtMs = Date.now();
      terminal.progress('Waiting for the same message once more …');
      const deductedMs = await deductedByAnother(context, txNo);
      const [{ status }, left] = [await orderNow(context, order), await tables.left(txNo)];
      printTimeline(context, order.placedMs, [
        placedEntry(order),
        {
          atMs: refusedMs,
          who: 'classic',
          what: 'an exception: too few pieces; rolled back, so nothing is recorded',
        },
        { atMs: compensatedMs, who: 'classic', what: 'compensation sent' },
        { atMs: cancelled.atMs, who: 'order', what: 'CANCELLED' },
        { atMs: killedMs, who: 'classic', what: 'killed (SIGKILL) before it acknowledged the message' },
        { atMs: broughtMs, who: 'you', what: `bring in ${BROUGHT_IN} pieces of the product` },
        {
          atMs: deductedMs,
          who: 'classic',
          what: `started again, the same message: ${PAY_COUNT} pieces deducted`,
        },
        { atMs: Date.now(), who: 'you', what: `look: order ${status}, ${left} of ${BROUGHT_IN} pieces left` },
      ]);
      assertHolds(status === 'CANCELLED', `The order should be CANCELLED, and is ${status}.`);
      const expected = BROUGHT_IN - PAY_COUNT;
      assertHolds(left === expected, `There should be ${expected} pieces left, and there are ${left}.`);
      terminal.line(
        '  The pieces are lost, and no process knows of it. Without the crash, the same may happen: after an',
      );
      terminal.line('  exception the broker delivers the message again.');
    } finally {
      await first.kill();
    }
  },
};

function startClassic({ world }: ShopContext, txNo: string): BrokenProgram {
  const { STOCK_MYSQL_URL: MYSQL_URL, ROCKETMQ_ENDPOINTS, ROCKETMQ_NAMESRV } = world.stack;
  return BrokenProgram.start('shop/classic-stock.ts', [txNo], {
    ...{ MYSQL_URL, ROCKETMQ_ENDPOINTS, ROCKETMQ_NAMESRV },
  });
}

async function deductedByAnother(context: ShopContext, txNo: string): Promise<number> {
  const another = startClassic(context, txNo);
  try {
    return await another.untilSays('deducted');
  } finally {
    await another.kill();
  }
}
