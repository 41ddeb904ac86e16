import { createInterface } from 'node:readline';
import { NOTIFY_TOPIC, type TopUpResultMessage } from '@txmsg/contracts';
import { createConnection } from 'mysql2/promise';
import { parseMysqlUrl } from 'txmsg/mysql';
import { quietTransport } from '../../../e2e/kit/quiet-transport.js';

/**
 * Makes one payment as the classic service does, and as no service here does: it inserts, commits, and then sends the
 * message about it. After the first step it says so and goes on when it reads a line; the scene kills it there.
 *
 *   node classic-payment.js TX_NO ACCOUNT_NO AMOUNT
 */
const [id = '', accountNo = '', payAmount = ''] = process.argv.slice(2);
const { MYSQL_URL = '', ROCKETMQ_ENDPOINTS: endpoints = '', ROCKETMQ_NAMESRV: namesrv = '' } = process.env;
const START_DEADLINE_MS = 60_000;
const SEND_DEADLINE_MS = 10_000;

const database = await createConnection(parseMysqlUrl(MYSQL_URL));
const producer = quietTransport({ mysqlRootUrl: '', endpoints, namesrv }).createProducer(NOTIFY_TOPIC);
producer.start();
await producer.whenReady(START_DEADLINE_MS);

const payment: TopUpResultMessage = { id, accountNo, payAmount, result: 'success' };
await database.execute('INSERT INTO account_pay (id, account_no, pay_amount, result) VALUES (?, ?, ?, ?)', [
  payment.id,
  payment.accountNo,
  payment.payAmount,
  payment.result,
]);
console.log('inserted');
await createInterface({ input: process.stdin })[Symbol.asyncIterator]().next();

const body = Buffer.from(JSON.stringify(payment));
await producer.send({ topic: NOTIFY_TOPIC, key: id, body, properties: {} }, SEND_DEADLINE_MS);
console.log('sent');
await Promise.all([database.end(), producer.close(1000)]);
