import { afterAll, afterEach, describe, expect, it, jest } from '@jest/globals';
import type { Delivery } from '../../broker/index.js';
import { BrokerError, BrokerNotReadyError, HalfMessageForgottenError } from '../../errors/index.js';
import { itDeliversCompressedMessages } from '../../../test/compressed-messages.js';
import { BrokerBench, messageTo, receiveOne } from '../../../test/broker-contract.bench.js';
import { eventually } from '../../testing/eventually.js';
import { uniqueName } from '../../../test/test-broker.js';
import { writeProperties } from './message-properties.js';
import { RequestCode } from './remoting-codes.js';
import { openRemotingTestBroker } from '../../../test/remoting-test-broker.js';
import { RemotingClient } from './remoting.client.js';
import { RemotingConnection } from './remoting.connection.js';
import { RemotingSender } from './remoting.sender.js';
import { remotingSettingsOf } from './remoting.settings.js';

jest.setTimeout(180_000);

const TIMEOUT_MS = 5_000;

describe('the remoting transport at a real broker', () => {
  const broker = openRemotingTestBroker();
  const bench = new BrokerBench(broker);

  afterEach(() => bench.close());
  afterAll(() => {
    broker.close();
  });

  /** Sends as a Java producer does with bodies over 4 KB: compressed by zlib, and marked so. */
  async function sendCompressed(topic: string, key: string, body: Buffer): Promise<void> {
    const [address = ''] = await broker.admin.brokers();
    const connection = new RemotingConnection(address);
    const properties = writeProperties({ KEYS: key, UNIQ_KEY: uniqueName('id') }, {});
    const fields = {
      a: 'java',
      b: topic,
      c: 'TBW102',
      d: '4',
      e: '0',
      f: '1',
      g: String(Date.now()),
      h: '0',
    };
    const { SEND_MESSAGE_V2 } = RequestCode;
    try {
      await connection.open(TIMEOUT_MS);
      const all = { ...fields, i: properties };
      const { code } = await connection.request(SEND_MESSAGE_V2, all, body, TIMEOUT_MS);
      expect(code).toBe(0);
    } finally {
      connection.close();
    }
  }

  itDeliversCompressedMessages(bench, broker, sendCompressed);

  it('carries bodies of the greatest size', async () => {
    const topic = await broker.createTopic('NORMAL');
    const [producer, consumer] = [await bench.producer(topic), await bench.consumer(topic)];
    const body = Buffer.alloc(4 * 1024 * 1024 - 1024, 'x');
    for (const key of ['k1', 'k2', 'k3']) await producer.send(messageTo(topic, key, body), 30_000);
    const bodies: Buffer[] = [];
    await eventually(
      async () => {
        const limits = { awaitMs: 5_000, invisibleMs: 60_000, bodyBytesMax: body.length };
        const deliveries = await consumer.receive({ messagesMax: 32, ...limits });
        bodies.push(...deliveries.map(({ message }) => message.body));
        return bodies.length >= 3;
      },
      { timeoutMs: broker.patienceMs },
    );
    expect(bodies.map((one) => one.equals(body))).toEqual([true, true, true]);
  });

  it('acknowledges many at once, and redelivers those that were not', async () => {
    const topic = await broker.createTopic('NORMAL');
    const [producer, consumer] = [await bench.producer(topic), await bench.consumer(topic)];
    const keys = Array.from({ length: 60 }, (_, index) => `m${index}`);
    await Promise.all(keys.map((key) => producer.send(messageTo(topic, key), TIMEOUT_MS)));
    // Invisible for long enough that a busy machine gets and acknowledges all of them meanwhile.
    const receive = () => consumer.receive({ messagesMax: 32, awaitMs: 2_000, invisibleMs: 20_000 });
    const deliveries: Delivery[] = [];
    await eventually(async () => {
      deliveries.push(...(await receive()));
      return deliveries.length >= keys.length;
    });
    const isKept = ({
      message: {
        keys: [key = ''],
      },
    }: Delivery): boolean => key.endsWith('7');
    const kept = deliveries.filter(isKept);
    await Promise.all(deliveries.filter((one) => !isKept(one)).map((one) => one.acknowledge(TIMEOUT_MS)));

    const again: Delivery[] = [];
    await eventually(
      async () => {
        again.push(...(await receive()));
        return again.length >= kept.length;
      },
      { timeoutMs: broker.patienceMs },
    );
    const keysOf = (some: readonly Delivery[]): string[] =>
      some.flatMap(({ message }) => message.keys).sort();
    expect(keysOf(again)).toEqual(keysOf(kept));
    expect(new Set(again.map(({ deliveryAttempt }) => deliveryAttempt))).toEqual(new Set([2]));
    await Promise.all(again.map((one) => one.acknowledge(TIMEOUT_MS)));
  });

  it('renews the invisible time, and acknowledges what was renewed', async () => {
    const topic = await broker.createTopic('NORMAL');
    const [producer, consumer] = [await bench.producer(topic), await bench.consumer(topic)];
    await producer.send(messageTo(topic, 'k'), TIMEOUT_MS);
    const delivery = await receiveOne(consumer, broker.patienceMs);
    const renewedAtMs = performance.now();
    await delivery.changeInvisibleDuration(5_000, TIMEOUT_MS);
    await delivery.changeInvisibleDuration(60_000, TIMEOUT_MS);
    await delivery.acknowledge(TIMEOUT_MS);
    await producer.send(messageTo(topic, 'next'), TIMEOUT_MS);
    let next = await receiveOne(consumer, broker.patienceMs);
    expect(next.message.keys).toEqual(['next']);
    // Until long after the first renewal's five seconds, nothing comes but the one that is given back.
    do {
      await next.changeInvisibleDuration(0, TIMEOUT_MS);
      next = await receiveOne(consumer, broker.patienceMs);
      expect(next.message.keys).toEqual(['next']);
    } while (performance.now() - renewedAtMs < 8_000);
  });

  it('brings a message again however low the retry limit of the group is', async () => {
    const topic = await broker.createTopic('NORMAL');
    const group = uniqueName('group');
    await broker.admin.createConsumerGroup(group, { retryMaxTimes: 0 });
    await broker.admin.startGroupAtFirstMessage(group, topic);
    const [producer, consumer] = [await bench.producer(topic), await bench.consumer(topic, group)];
    await producer.send(messageTo(topic, 'k'), TIMEOUT_MS);
    for (let attempt = 1; attempt <= 3; attempt++) {
      const delivery = await receiveOne(consumer, broker.patienceMs);
      expect(delivery.deliveryAttempt).toBe(attempt);
      await delivery.changeInvisibleDuration(0, TIMEOUT_MS);
    }
    const last = await receiveOne(consumer, broker.patienceMs);
    await last.acknowledge(TIMEOUT_MS);
  });

  it('begins a new group at the oldest message', async () => {
    const topic = await broker.createTopic('NORMAL');
    const producer = await bench.producer(topic);
    await producer.send(messageTo(topic, 'sent-before'), TIMEOUT_MS);
    const group = uniqueName('group');
    await broker.admin.createConsumerGroup(group);
    const consumer = await bench.consumer(topic, group);
    expect((await receiveOne(consumer, broker.patienceMs)).message.keys).toEqual(['sent-before']);
  });

  it('is not ready for a topic of another type, in the words of the other transport', async () => {
    const [normal, transactional] = [
      await broker.createTopic('NORMAL'),
      await broker.createTopic('TRANSACTION'),
    ];
    const unfit = [
      [broker.transport.createTransactionalProducer(normal, () => Promise.resolve('UNKNOWN')), 'TRANSACTION'],
      [broker.transport.createProducer(transactional), 'NORMAL'],
    ] as const;
    for (const [producer, type] of unfit) {
      bench.track(producer).start();
      await eventually(() => producer.whyNotReady()?.includes(`the topic is not of type ${type}`) === true);
    }
  });

  it('refuses, in clear words, an invisible time that the proxy would not allow', async () => {
    const consumer = await bench.consumer(await broker.createTopic('NORMAL'));
    const tooShort = consumer.receive({ messagesMax: 1, awaitMs: 5_000, invisibleMs: 100 });
    await expect(tooShort).rejects.toThrow(BrokerError);
    await expect(tooShort).rejects.toThrow('the invisibleTime is too small. min is 10000');
  });

  it('ends a half message once, however often it is told to', async () => {
    const topic = await broker.createTopic('TRANSACTION');
    const [producer, inbox] = [await bench.transactionalProducer(topic), await bench.inbox(topic)];
    const half = await producer.sendHalfMessage(messageTo(topic, 'k'), TIMEOUT_MS);
    await half.end('COMMIT', TIMEOUT_MS);
    await half.end('COMMIT', TIMEOUT_MS);
    await expect(half.end('ROLLBACK', TIMEOUT_MS)).rejects.toThrow('already given COMMIT');
    await inbox.waitFor('k', broker.patienceMs);
    expect(await broker.admin.messagesEver(topic)).toBe(1);
  });

  it('ends a half message by another connection, if it is there', async () => {
    const topic = await broker.createTopic('TRANSACTION');
    const inbox = await bench.inbox(topic);
    const role = { name: 'sender', topic, uses: 'WRITE', producerGroups: [topic] } as const;
    const senders = [];
    for (let index = 0; index < 2; index++) {
      const client = bench.track(new RemotingClient(role, remotingSettingsOf(broker.options)));
      client.start();
      await client.whenReady(broker.patienceMs);
      senders.push(new RemotingSender(client, topic));
    }
    const [first, second] = senders as [RemotingSender, RemotingSender];
    const receipt = await first.send(messageTo(topic, 'k'), 'half message', TIMEOUT_MS);
    for (const other of [{ messageId: 'another' }, { storeOffset: '9000000000000' }]) {
      const ending = second.end({ ...receipt, ...other }, 'ROLLBACK', false, TIMEOUT_MS);
      await expect(ending).rejects.toThrow(HalfMessageForgottenError);
    }
    await second.end(receipt, 'COMMIT', false, TIMEOUT_MS);
    await inbox.waitFor('k', broker.patienceMs);
  });

  it('says which topic is missing, keeps trying, and begins when it is made', async () => {
    const [topic, group] = [uniqueName('topic'), uniqueName('group')];
    await broker.admin.createConsumerGroup(group);
    const consumer = bench.track(broker.transport.createConsumer(topic, group));
    consumer.start();
    await expect(consumer.whenReady(2_000)).rejects.toThrow(BrokerNotReadyError);
    await eventually(() => {
      expect(consumer.whyNotReady()).toContain('No topic route info');
    });
    await broker.admin.createTopic(topic, 'NORMAL');
    await consumer.whenReady(broker.patienceMs);
  });
});
