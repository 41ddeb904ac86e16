import { createInterface } from 'node:readline';
import { USER_REGISTERED_TOPIC, type UserRegisteredMessage } from '@txmsg/contracts';
import { createConnection } from 'mysql2/promise';
import { parseMysqlUrl } from 'txmsg/mysql';
import { quietTransport } from '../../../e2e/kit/quiet-transport.js';

/**
 * Registers one user in one of the two ways that everybody writes first, and that no service here uses: the message is sent
 * before the database commits, or after it. After each step it says so and goes on when it reads a line; the scene kills
 * it in between, as a power failure may.
 *
 *   node broken-registration.js send-first|commit-first TX_NO USER_ID
 */
const [way, txNo = '', userId = ''] = process.argv.slice(2);
const { MYSQL_URL = '', ROCKETMQ_ENDPOINTS: endpoints = '', ROCKETMQ_NAMESRV: namesrv = '' } = process.env;
const START_DEADLINE_MS = 60_000;
const SEND_DEADLINE_MS = 10_000;

const database = await createConnection(parseMysqlUrl(MYSQL_URL));
const producer = quietTransport({ mysqlRootUrl: '', endpoints, namesrv }).createProducer(
  USER_REGISTERED_TOPIC,
);
producer.start();
await producer.whenReady(START_DEADLINE_MS);

async function send(): Promise<string> {
  const message: UserRegisteredMessage = { txNo, userId };
  const body = Buffer.from(JSON.stringify(message));
  await producer.send({ topic: USER_REGISTERED_TOPIC, key: txNo, body, properties: {} }, SEND_DEADLINE_MS);
  return 'sent';
}

async function commit(): Promise<string> {
  await database.beginTransaction();
  await database.execute('INSERT INTO user_info (tx_no, user_id, name) VALUES (?, ?, ?)', [
    txNo,
    userId,
    way ?? '',
  ]);
  await database.commit();
  return 'committed';
}

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
for (const step of way === 'send-first' ? [send, commit] : [commit, send]) {
  console.log(await step());
  await lines.next();
}
await Promise.all([database.end(), producer.close(1000)]);
