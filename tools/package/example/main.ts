import 'reflect-metadata';
import { setTimeout as sleep } from 'node:timers/promises';
import { NestFactory } from '@nestjs/core';
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { TxMsgError } from 'txmsg';
import { RocketmqAdmin } from 'txmsg/admin';
import { withDeadline } from 'txmsg/building-blocks';
import { FAULT_POINTS } from 'txmsg/faults';
import { mysqlPlace, parseMysqlUrl } from 'txmsg/mysql';
import { readSchemaStatus } from 'txmsg/schema';
import { eventually, InMemoryBroker } from 'txmsg/testing';
import { PayeeModule, PayerModule, PaymentService, TOPIC } from '../../demo/readme-example.js';

/**
 * What a team does that installs the package: the example of the README, sender and receiver in one process, and
 * something of every entry. Compiled and run outside the repository, as an ES module and as CommonJS. `PAYER_URL` and
 * `PAYEE_URL` are databases without tables, for an account that may create them.
 */
async function main({ PAYER_URL = '', PAYEE_URL = '', ROCKETMQ_NAMESRV = '' }): Promise<void> {
  await createTopic(ROCKETMQ_NAMESRV);
  const payee = await NestFactory.createApplicationContext(PayeeModule, { logger: ['warn', 'error'] });
  const payer = await NestFactory.createApplicationContext(PayerModule, { logger: ['warn', 'error'] });
  const payment = { txNo: 'payment-1', from: 'alice', to: 'bob', amount: '40.00' };
  // Clients connect in the background; a call that comes too early did nothing, and may be repeated.
  const pay = (): Promise<string> =>
    payer
      .get(PaymentService)
      .pay(payment)
      .catch((error: unknown) => {
        if (!(error instanceof TxMsgError)) throw error;
        return error.code;
      });
  await eventually(async () => (await pay()) === 'PAID');
  await eventually(async () => (await balance(PAYEE_URL)) === '140.00');
  const { pending } = await readSchemaStatus(PAYER_URL);
  console.log(
    JSON.stringify({
      payer: await balance(PAYER_URL),
      payee: await balance(PAYEE_URL),
      pending: pending.length,
      place: mysqlPlace(parseMysqlUrl(PAYER_URL)),
      faultPoints: FAULT_POINTS.length,
      fakeIsIdle: new InMemoryBroker().isIdle(TOPIC, 'nobody'),
    }),
  );
  await withDeadline(Promise.all([payer.close(), payee.close()]), 30_000, () => new Error('still open'));
  // The driver closes its pools in the background.
  await sleep(0);
}

async function createTopic(namesrv: string): Promise<void> {
  const admin = new RocketmqAdmin({ namesrv });
  try {
    await admin.createTopic(TOPIC, 'TRANSACTION');
    await admin.createConsumerGroup('consumer_group_payment');
    await admin.startGroupAtFirstMessage('consumer_group_payment', TOPIC);
    await admin.whenTopicExists(TOPIC, 30_000);
  } finally {
    admin.close();
  }
}

async function balance(uri: string): Promise<unknown> {
  const connection = await createConnection({ uri });
  try {
    const [rows] = await connection.query<RowDataPacket[]>('SELECT balance FROM account');
    return rows[0]?.balance as unknown;
  } finally {
    await connection.end();
  }
}

void main(process.env).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
