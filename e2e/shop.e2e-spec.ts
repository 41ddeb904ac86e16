import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ORDER_ROLLBACK_TOPIC, STOCK_DEDUCTED_TOPIC } from '@txmsg/contracts';
import { eventually } from 'txmsg/testing';
import { orderNoOf } from '../apps/order/src/orders/order-number.js';
import { COMMANDS } from '../tools/cli/commands.js';
import { runCommandLine } from '../tools/cli/run.js';
import { ADMIN_SETTINGS, Admin } from './kit/admin.js';
import { call, postJson } from './kit/http.js';
import { ResultSender } from './kit/result-sender.js';
import type { ServiceProcess } from './kit/service-process.js';
import { submitOrder, TestShop, untilAnswered } from './kit/test-shop.js';

const DEADLINE = { timeoutMs: 120_000, intervalMs: 200 };
const HOT_DEADLINE_MS = 8 * 60_000;

describe('the shop', () => {
  let shop: TestShop;
  let stock: ServiceProcess;
  let order: ServiceProcess;

  beforeAll(async () => {
    shop = await TestShop.create('shop');
    stock = await shop.start('stock', ADMIN_SETTINGS);
    const STOCK_URL = new URL(stock.url).origin;
    order = await shop.start('order', {
      ...ADMIN_SETTINGS,
      STOCK_URL,
      MYSQL_CONNECTION_LIMIT: '20',
      METRICS_ENABLED: 'true',
    });
  });
  afterAll(async () => {
    // After everything: whatever a test did, orders and stock agree.
    const { disagreements } = await shop.audit();
    expect(disagreements.listed).toEqual([]);
  });
  afterAll(() => shop.close());

  const untilStatus = (txNo: string, status: string): Promise<unknown> =>
    eventually(async () => {
      expect(await shop.order(txNo)).toMatchObject({ status });
    }, DEADLINE);

  it('deducts the pieces of an order, and both services tell of it', async () => {
    const answer = await postJson(`${order.url}/submitOrder`, '{"productId":1,"payCount":3}');
    expect(answer.status).toBe(201);
    const { orderNo, txNo } = answer.body as { orderNo: string; txNo: string };
    expect(answer.body).toEqual({ orderNo, txNo, status: 'PENDING' });
    expect(answer.headers.get('location')).toBe(`/order/orders/${orderNo}`);
    await untilStatus(txNo, 'CONFIRMED');
    const contents = { orderNo, productId: '1', payCount: 3 };
    expect((await call(`${order.url}/orders/${orderNo}`)).body).toMatchObject({
      ...contents,
      status: 'CONFIRMED',
    });
    expect((await call(`${stock.url}/deductions/${txNo}`)).body).toMatchObject({
      ...contents,
      state: 'DEDUCTED',
    });
    expect((await call(`${stock.url}/products/1`)).body).toEqual({
      productId: '1',
      totalCount: 97,
      openingCount: 100,
    });
  });

  it('tells monitoring how many orders stock has not decided on', async () => {
    await shop.query(
      `INSERT INTO $order (order_no, tx_no, product_id, pay_count, next_check_at, create_time)
       VALUES ('o-open', 'open', 'none', 1, UTC_TIMESTAMP(3) + INTERVAL 1 DAY, UTC_TIMESTAMP(3) - INTERVAL 1 HOUR)`,
    );
    try {
      // A scrape leaves out what takes longer than 2 s to read.
      await eventually(async () => {
        const { text } = await call(`${order.url}/metrics`);
        expect(text).toMatch(/^service_orders_open 1$/m);
        expect(text).toMatch(/^service_orders_oldest_open_age 36\d\d/m);
      }, DEADLINE);
    } finally {
      await shop.query("DELETE FROM $order WHERE tx_no = 'open'");
    }
  });

  it(
    'gives out exactly the pieces that there are, however many orders meet at them',
    async () => {
      await shop.openProduct('hot', 300);
      const txNos = Array.from({ length: 1000 }, (_, index) => `hot-${index}`);
      const answers = await Promise.all(
        txNos.map((txNo) => untilAnswered(() => submitOrder(order, txNo, { productId: 'hot', payCount: 1 }))),
      );
      expect(answers.filter(({ status }) => ![200, 201].includes(status))).toEqual([]);
      await shop.untilEnded('hot');
      const orders = await shop.orders('hot');
      const having = (status: string): number => orders.filter((one) => one.status === status).length;
      expect([orders.length, having('CONFIRMED'), having('CANCELLED')]).toEqual([1000, 300, 700]);
      expect(await shop.left('hot')).toBe(0);
      const reasons = new Set(orders.flatMap(({ reason }) => reason ?? []));
      expect([...reasons]).toEqual(['INSUFFICIENT_STOCK']);
      expect(await shop.audit()).toMatchObject({ agrees: true, orders: { inFlight: 0 } });
    },
    HOT_DEADLINE_MS,
  );

  it('gives the pieces back once, whether orders are cancelled before or after they are confirmed', async () => {
    await shop.openProduct('race', 1000);
    const race = async (index: number): Promise<void> => {
      const txNo = `race-${index}`;
      await untilAnswered(() => submitOrder(order, txNo, { productId: 'race', payCount: 2 }));
      // Some at once, some when stock has had time to deduct, some in between.
      if (index % 2 === 0) await untilStatus(txNo, 'CONFIRMED');
      const cancel = () => postJson(`${order.url}/orders/${orderNoOf(txNo)}/cancel`, '{}');
      const cancelled = await Promise.all([untilAnswered(cancel), untilAnswered(cancel)]);
      expect(cancelled.map(({ status, body }) => [status, body?.status])).toEqual([
        [200, 'CANCELLED'],
        [200, 'CANCELLED'],
      ]);
    };
    await Promise.all(Array.from({ length: 200 }, (_, index) => race(index)));
    await eventually(async () => {
      await shop.makeDue();
      const { agrees, orders } = await shop.audit();
      expect({ agrees, inFlight: orders.inFlight }).toEqual({ agrees: true, inFlight: 0 });
    }, DEADLINE);
    const statuses = new Set((await shop.orders('race')).map(({ status }) => status));
    expect([...statuses]).toEqual(['CANCELLED']);
    expect(await shop.left('race')).toBe(1000);
  });

  it('takes one order under one key, and refuses another one under it', async () => {
    const wanted = { productId: '1', payCount: 1 };
    const first = await submitOrder(order, 'key', wanted);
    expect(first.status).toBe(201);
    const repeated = await submitOrder(order, 'key', wanted);
    expect([repeated.status, repeated.body]).toEqual([200, first.body]);
    const other = await submitOrder(order, 'key', { ...wanted, payCount: 2 });
    expect(other.body).toMatchObject({ status: 409, code: 'TX_NO_CONFLICT', txNo: 'key' });
    await untilStatus('key', 'CONFIRMED');
    expect((await submitOrder(order, 'key', wanted)).body).toEqual(first.body);
  });

  it.each([0, -1, 1.5, 1e9, '3'])('refuses %j pieces, and says which rule that breaks', async (payCount) => {
    const answer = await submitOrder(order, 'bad', { productId: '1', payCount });
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(answer.body).toMatchObject({
      status: 400,
      errors: [{ field: 'payCount', value: payCount, rule: expect.stringContaining('1 to 1000000') }],
    });
    expect(await shop.order('bad')).toBeUndefined();
  });

  it('cancels an order of a product that stock does not know', async () => {
    await submitOrder(order, 'unknown', { productId: 'nothing', payCount: 1 });
    await untilStatus('unknown', 'CANCELLED');
    expect(await shop.order('unknown')).toMatchObject({ reason: 'NO_SUCH_PRODUCT' });
    expect(await shop.deduction('unknown')).toMatchObject({ state: 'REFUSED' });
  });

  describe("when strangers write on stock's topics", () => {
    let rollbacks: ResultSender;
    let deducted: ResultSender;
    const message = (txNo: string, payCount = 1) => ({
      ...{ txNo, orderNo: orderNoOf(txNo), productId: '1', payCount },
    });
    /** What order did with the messages of this txNo, in turn. */
    const outcomes = (txNo: string): string[] =>
      order
        .logs()
        .filter((line) => line.txNo === txNo && /^message (consumed|ignored)/.test(line.message))
        .map((line) => line.message.replace(/^message /, ''));

    beforeAll(async () => {
      const start = (topic: string): Promise<ResultSender> =>
        ResultSender.start(shop.servers, shop.named(topic));
      [rollbacks, deducted] = await Promise.all([start(ORDER_ROLLBACK_TOPIC), start(STOCK_DEDUCTED_TOPIC)]);
    });
    afterAll(async () => {
      await Promise.all([rollbacks.close(), deducted.close()]);
    });

    it('ignores the compensation of an order that is made only afterwards', async () => {
      await rollbacks.deliver('early', message('early'));
      await eventually(() => outcomes('early').length > 0, DEADLINE);
      await submitOrder(order, 'early', { productId: '1', payCount: 1 });
      await untilStatus('early', 'CONFIRMED');
      expect(outcomes('early')[0]).toContain('ignored');
    });

    it('asks stock when it contradicts a stranger who was faster, and does as stock says', async () => {
      await shop.openProduct('wanted', 5);
      const PORT = new URL(stock.url).port;
      await stock.kill('SIGTERM');
      await submitOrder(order, 'forged', { productId: 'nothing', payCount: 1 });
      await submitOrder(order, 'robbed', { productId: 'wanted', payCount: 5 });
      await deducted.deliver('forged', { ...message('forged'), productId: 'nothing' });
      await rollbacks.deliver('robbed', { ...message('robbed', 5), productId: 'wanted', reason: 'a joke' });
      await untilStatus('forged', 'CONFIRMED');
      await untilStatus('robbed', 'CANCELLED');
      stock = await shop.start('stock', { ...ADMIN_SETTINGS, PORT });
      // Stock has refused the one. It deducts the other, and gives the pieces of the cancelled order back.
      await untilStatus('forged', 'CANCELLED');
      expect(await shop.order('forged')).toMatchObject({ reason: 'NO_SUCH_PRODUCT' });
      await eventually(async () => {
        await shop.makeDue();
        expect(await shop.deduction('robbed')).toMatchObject({ state: 'RETURNED' });
        expect((await shop.audit()).orders.inFlight).toBe(0);
      }, DEADLINE);
      expect(await shop.left('wanted')).toBe(5);
    });

    it('leaves an order confirmed that a stranger compensates and stock has deducted', async () => {
      const before = await shop.left('1');
      await submitOrder(order, 'stolen', { productId: '1', payCount: 5 });
      await untilStatus('stolen', 'CONFIRMED');
      await rollbacks.deliver('stolen', { ...message('stolen', 5), reason: 'a joke' });
      await rollbacks.deliver('stolen', { ...message('stolen', 5), reason: 'a joke' });
      await eventually(() => outcomes('stolen').length >= 3, DEADLINE);
      // Stock has it deducted, so nothing follows from that.
      await eventually(async () => (await shop.audit()).orders.inFlight === 0, DEADLINE);
      expect(await shop.order('stolen')).toMatchObject({ status: 'CONFIRMED' });
      expect(await shop.left('1')).toBe(before - 5);
    });
  });

  it('sends an order again that the broker has lost', async () => {
    await shop.query(
      `INSERT INTO $order (order_no, tx_no, product_id, pay_count, next_check_at)
       VALUES (?, 'lost', '1', 1, UTC_TIMESTAMP(3))`,
      [orderNoOf('lost')],
    );
    await untilStatus('lost', 'CONFIRMED');
    expect(await shop.deduction('lost')).toMatchObject({ state: 'DEDUCTED' });
  });

  it('reconciles one order for an operator, and knows when nothing is to be learnt', async () => {
    const admin = new Admin(order);
    const { body } = await admin.post('reconciliation', { txNo: 'lost' });
    expect(body).toEqual({ checked: 0, settled: 0, republished: 0, postponed: 0 });
  });

  it('is audited by a command', async () => {
    const printed: string[] = [];
    const environment = {
      MYSQL_ROOT_URL: shop.servers.mysqlRootUrl,
      ORDER_MYSQL_URL: shop.mysqlUrl('order'),
      STOCK_MYSQL_URL: shop.mysqlUrl('stock'),
    };
    const run = (): Promise<number> =>
      runCommandLine(['audit', '--of', 'shop'], COMMANDS, {
        environment,
        stackDirectory: '/nowhere',
        print: (text) => printed.push(text),
      });
    expect(await run()).toBe(0);
    expect(printed.pop()).toContain('Everything agrees.');
    await shop.query("UPDATE $stock SET total_count = total_count + 1 WHERE product_id = 'hot'");
    expect(await run()).toBe(1);
    expect(printed.pop()).toContain('product hot: 1 pieces left; expected: 0: 300 less 300');
    await shop.query("UPDATE $stock SET total_count = total_count - 1 WHERE product_id = 'hot'");
  });
});
