import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { INestApplicationContext, Type } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { TypeOrmModule } from '@nestjs/typeorm';
import { createConnection, type Connection } from 'mysql2/promise';
import { mysqlDataSourceOptions, TxMsgModule } from 'txmsg';
import { RocketmqAdmin } from 'txmsg/admin';
import { txmsgSql } from 'txmsg/schema';
import { eventually } from 'txmsg/testing';
import {
  PayeeModule,
  PayerModule,
  PaymentHandler,
  PaymentService,
  PaymentTransactionListener,
  TOPIC,
} from './readme-example.js';

const rootUrl = process.env.MYSQL_ROOT_URL ?? '';
const txNo = `readme-${Date.now()}`;

/** The example of the README, as it stands there, on real servers. */
describe("the README's example", () => {
  let connection: Connection;
  let payer: INestApplicationContext;
  let payee: INestApplicationContext;

  beforeAll(async () => {
    connection = await createConnection({ uri: rootUrl, multipleStatements: true });
    await createTopic();
    payer = await start(await createDatabase('payer', 'alice'), [PaymentService, PaymentTransactionListener]);
    payee = await start(await createDatabase('payee', 'bob'), [PaymentHandler]);
  });

  afterAll(async () => {
    await Promise.all([payer.close(), payee.close()]);
    await connection.end();
  });

  async function createDatabase(label: string, account: string): Promise<string> {
    const name = `test_readme_${label}`;
    await connection.query(`DROP DATABASE IF EXISTS ${name}; CREATE DATABASE ${name}; USE ${name};`);
    await connection.query(txmsgSql());
    await connection.query(
      `CREATE TABLE account (account_no VARCHAR(64) PRIMARY KEY, balance DECIMAL(19,2) NOT NULL);
       INSERT INTO account VALUES ('${account}', 100.00)`,
    );
    const url = new URL(rootUrl);
    url.pathname = `/${name}`;
    return url.href;
  }

  const balance = async (label: string): Promise<unknown> => {
    const [rows] = await connection.query(`SELECT balance FROM test_readme_${label}.account`);
    return (rows as { balance: string }[])[0]?.balance;
  };

  it('moves money once, however often the call is made', async () => {
    const service = payer.get(PaymentService);
    const payment = { txNo, from: 'alice', to: 'bob', amount: '40.00' };
    const pay = (): Promise<string> => service.pay(payment).catch((error: unknown) => String(error));
    // A client connects in the background; until then a call says that nothing was done.
    await eventually(async () => (await pay()) === 'PAID');
    expect(await pay()).toBe('PAID');
    await eventually(async () => (await balance('payee')) === '140.00');
    expect(await balance('payer')).toBe('60.00');
  });

  it('refuses what the account does not hold', async () => {
    const payment = { txNo: `${txNo}-b`, from: 'alice', to: 'bob', amount: '60.01' };
    expect(await payer.get(PaymentService).pay(payment)).toBe('INSUFFICIENT_BALANCE');
    expect(await balance('payer')).toBe('60.00');
  });

  it('is complete: both modules name their parts', () => {
    expect(Reflect.getMetadata('providers', PayerModule)).toEqual([
      PaymentService,
      PaymentTransactionListener,
    ]);
    expect(Reflect.getMetadata('providers', PayeeModule)).toEqual([PaymentHandler]);
  });
});

async function start(url: string, providers: Type[]): Promise<INestApplicationContext> {
  const rocketmq = { endpoints: process.env.ROCKETMQ_ENDPOINTS ?? '' };
  // On a busy machine the defaults may end a send, or a handshake, that nothing is wrong with.
  const imports = [
    TypeOrmModule.forRoot(mysqlDataSourceOptions(url, { connectTimeoutMs: 30_000 })),
    TxMsgModule.forRoot({ rocketmq, sendTimeoutMs: 14_000 }),
  ];
  const application = await Test.createTestingModule({ imports, providers }).compile();
  return application.init();
}

async function createTopic(): Promise<void> {
  const admin = new RocketmqAdmin({ namesrv: process.env.ROCKETMQ_NAMESRV ?? '' });
  try {
    await admin.createTopic(TOPIC, 'TRANSACTION');
    await admin.createConsumerGroup('consumer_group_payment');
    await admin.startGroupAtFirstMessage('consumer_group_payment', TOPIC);
  } finally {
    admin.close();
  }
}
