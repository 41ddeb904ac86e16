import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { loadSettings } from '@txmsg/service';
import { createServiceDatabase, dropServiceDatabase } from '@txmsg/service/provisioning';
import { BrokerTransport, eventually, InMemoryBroker } from 'txmsg/testing';
import { DataSource } from 'typeorm';
import { PATIENT_SETTINGS } from '../../../../libs/service/src/configuration/patient-settings.fixture.js';
import { AppModule } from '../app.module.js';
import { Bank2Settings } from '../bank2-settings.js';

const DATABASE = 'test_bank2_foreign_messages';
const rootUrl = process.env.MYSQL_ROOT_URL ?? '';

/** What other services of this design put on the topic, in whatever language they are written. */
describe('messages of foreign senders', () => {
  const broker = new InMemoryBroker();
  const producer = broker.createProducer('topic_txmsg');
  let bank2: TestingModule;
  let dataSource: DataSource;
  let settings: Bank2Settings;

  beforeAll(async () => {
    for (const level of ['log', 'warn', 'error'] as const) {
      jest.spyOn(Logger.prototype, level).mockImplementation(() => undefined);
    }
    await dropServiceDatabase(rootUrl, DATABASE);
    settings = loadSettings(Bank2Settings, {
      MYSQL_URL: await createServiceDatabase(rootUrl, 'bank2', DATABASE),
      ROCKETMQ_ENDPOINTS: '127.0.0.1:1',
      ...PATIENT_SETTINGS,
    });
    const builder = Test.createTestingModule({ imports: [AppModule.forRoot(settings)] });
    bank2 = await builder.overrideProvider(BrokerTransport).useValue(broker).compile();
    await bank2.init();
    dataSource = bank2.get(DataSource);
    producer.start();
  });

  afterAll(async () => {
    await producer.close(1000);
    await bank2.close();
    broker.close();
    jest.restoreAllMocks();
  });

  beforeEach(async () => {
    for (const table of ['incoming_transfer', 'dead_letter', 'de_duplication']) {
      await dataSource.query(`DELETE FROM ${table}`);
    }
    await dataSource.query('UPDATE account_info SET account_balance = 0');
  });

  const send = (body: string): Promise<unknown> =>
    producer.send({ topic: 'topic_txmsg', key: 'k', body: Buffer.from(body), properties: {} }, 1000);

  const transfers = (): Promise<Record<string, unknown>[]> =>
    dataSource.query('SELECT tx_no, account_no, to_account_no, amount, state FROM incoming_transfer');

  const deadLetters = (): Promise<Record<string, unknown>[]> =>
    dataSource.query('SELECT tx_no, reason, detail FROM dead_letter');

  const balance = async (): Promise<string | undefined> => {
    const [account] = await dataSource.query<{ account_balance: string }[]>(
      "SELECT account_balance FROM account_info WHERE account_no = '2'",
    );
    return account?.account_balance;
  };

  it.each([
    [
      'numbers of a Java sender',
      '{"txNo":9007199254740993123,"accountNo":1,"toAccountNo":2,"amount":1.0E7}',
      '10000000.00',
    ],
    ['no payee', '{"txNo":9007199254740993123,"accountNo":"1","amount":100.0}', '100.00'],
    [
      'unknown fields',
      '{"txNo":9007199254740993123,"accountNo":"1","amount":"5","rate":1.0E400,"x":{"y":[1.10]}}',
      '5.00',
    ],
  ])('credits exactly what they say: %s', async (_what, event, amount) => {
    await send(`{"accountChange":${event},"sentAt":1.700000000000E12}`);
    await eventually(async () => (await transfers()).length === 1);
    expect(await transfers()).toEqual([
      { tx_no: '9007199254740993123', account_no: '1', to_account_no: '2', amount, state: 'CREDITED' },
    ]);
    expect(await balance()).toBe(amount);
  });

  it('takes the same transfer in another notation for a duplicate', async () => {
    await send('{"accountChange":{"txNo":"t-1","accountNo":"1","toAccountNo":"2","amount":"100.00"}}');
    await eventually(async () => (await transfers()).length === 1);
    await send('{"accountChange":{"amount":1.0E2,"accountNo":1,"txNo":"t-1"}}');
    await send('{"accountChange":{"txNo":"t-2","accountNo":"1","amount":1}}');
    await eventually(async () => (await transfers()).length === 2);
    await eventually(() => broker.isIdle('topic_txmsg', settings.consumerGroup));
    expect(await balance()).toBe('101.00');
    expect(await deadLetters()).toEqual([]);
  });

  it('keeps other contents under a used txNo as a dead letter', async () => {
    await send('{"accountChange":{"txNo":"t-1","accountNo":"1","amount":100}}');
    await eventually(async () => (await transfers()).length === 1);
    await send('{"accountChange":{"txNo":"t-1","accountNo":"1","amount":200}}');
    await eventually(async () => (await deadLetters()).length === 1);
    expect(await deadLetters()).toMatchObject([{ tx_no: 't-1', reason: 'TX_NO_CONFLICT' }]);
    expect(await balance()).toBe('100.00');
  });

  it('does the same when only the row of the first transfer is left', async () => {
    await send('{"accountChange":{"txNo":"t-1","accountNo":"1","amount":100}}');
    await eventually(async () => (await transfers()).length === 1);
    await dataSource.query('DELETE FROM de_duplication');
    await send('{"accountChange":{"txNo":"t-1","accountNo":"1","amount":200}}');
    await eventually(async () => (await deadLetters()).length === 1);
    expect(await deadLetters()).toMatchObject([{ tx_no: 't-1', reason: 'TX_NO_CONFLICT' }]);
    expect(await balance()).toBe('100.00');
  });

  it.each([
    ['no JSON', 'amount=100'],
    ['no object', '[]'],
    ['no event', '{}'],
    ['a null payee', '{"accountChange":{"txNo":"t-1","accountNo":"1","toAccountNo":null,"amount":1}}'],
    ['an empty payee', '{"accountChange":{"txNo":"t-1","accountNo":"1","toAccountNo":"","amount":1}}'],
    ['a fraction of a cent', '{"accountChange":{"txNo":"t-1","accountNo":"1","amount":0.001}}'],
    ['a negative amount', '{"accountChange":{"txNo":"t-1","accountNo":"1","amount":-1}}'],
    ['an amount without end', '{"accountChange":{"txNo":"t-1","accountNo":"1","amount":1e999999999}}'],
    ['deep nesting', `{"accountChange":${'['.repeat(50_000)}${']'.repeat(50_000)}}`],
  ])('keeps poison as a dead letter at once: %s', async (_what, body) => {
    await send(body);
    await eventually(async () => (await deadLetters()).length === 1);
    expect(await deadLetters()).toMatchObject([{ tx_no: null, reason: 'POISON' }]);
    expect(await balance()).toBe('0.00');
    expect(await transfers()).toEqual([]);
  });
});
