import { ORDER_ROLLBACK_TOPIC, ORDER_TOPIC, STOCK_CONSUMER_GROUP, type OrderMessage } from '@txmsg/contracts';
import { createConnection, type ResultSetHeader } from 'mysql2/promise';
import { parseMysqlUrl } from 'txmsg/mysql';
import { quietTransport } from '../../../e2e/kit/quiet-transport.js';

/**
 * Stock as the classic services write it, and as no service here works: it deducts in a transaction, too few pieces are an
 * exception, and whoever catches the exception sends the compensation without waiting for it. Nothing records the refusal,
 * and the exception lets the broker deliver the message again. After each step it says a word; the scene kills it.
 *
 *   node classic-stock.js TX_NO
 *
 * It takes the place of stock at the broker, and leaves every other order to it: those go back to the broker, which
 * redelivers them.
 */
const [wanted = ''] = process.argv.slice(2);
const { MYSQL_URL = '', ROCKETMQ_ENDPOINTS: endpoints = '', ROCKETMQ_NAMESRV: namesrv = '' } = process.env;
const START_DEADLINE_MS = 60_000;
const CALL_DEADLINE_MS = 10_000;
const RECEIVE = { messagesMax: 16, awaitMs: 5000, invisibleMs: 10_000 };

const database = await createConnection(parseMysqlUrl(MYSQL_URL));
const transport = quietTransport({ mysqlRootUrl: '', endpoints, namesrv });
const consumer = transport.createConsumer(ORDER_TOPIC, STOCK_CONSUMER_GROUP);
const producer = transport.createProducer(ORDER_ROLLBACK_TOPIC);
for (const client of [consumer, producer]) client.start();
for (const client of [consumer, producer]) await client.whenReady(START_DEADLINE_MS);

/** `stock_deduction` stands for the classic `tx_log`: a row says that this txNo was deducted. */
async function deduct({ txNo, orderNo, productId, payCount }: OrderMessage): Promise<void> {
  await database.beginTransaction();
  try {
    await database.execute(
      `INSERT INTO stock_deduction (tx_no, order_no, product_id, pay_count, state) VALUES (?, ?, ?, ?, 'DEDUCTED')`,
      [txNo, orderNo, productId, payCount],
    );
    const [{ affectedRows }] = await database.execute<ResultSetHeader>(
      'UPDATE stock SET total_count = total_count - ? WHERE product_id = ? AND total_count >= ?',
      [payCount, productId, payCount],
    );
    if (affectedRows === 0) throw new Error('too few pieces');
    await database.commit();
  } catch (error) {
    await database.rollback();
    throw error;
  }
}

async function compensate(order: OrderMessage): Promise<void> {
  const body = Buffer.from(JSON.stringify(order));
  await producer.send(
    { topic: ORDER_ROLLBACK_TOPIC, key: order.txNo, body, properties: {} },
    CALL_DEADLINE_MS,
  );
  console.log('compensated');
}

async function onMessage(order: OrderMessage): Promise<void> {
  try {
    await deduct(order);
  } catch (error) {
    console.log('refused');
    compensate(order).catch(console.error);
    throw error;
  }
}

console.log('ready');
for (;;) {
  for (const delivery of await consumer.receive(RECEIVE)) {
    const order = JSON.parse(delivery.message.body.toString()) as OrderMessage;
    if (order.txNo !== wanted) continue;
    const isDone = await onMessage(order).then(
      () => true,
      () => false,
    );
    if (!isDone) continue;
    await delivery.acknowledge(CALL_DEADLINE_MS);
    console.log('deducted');
  }
}
