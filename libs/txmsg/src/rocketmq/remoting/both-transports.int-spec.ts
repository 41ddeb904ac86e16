import { afterAll, afterEach, describe, expect, it, jest } from '@jest/globals';
import type { BrokerTransport } from '../../broker/index.js';
import { BrokerBench, messageTo, sendAndEnd } from '../../../test/broker-contract.bench.js';
import { eventually } from '../../testing/eventually.js';
import { openTestBroker } from '../../../test/test-broker.js';
import { openRemotingTestBroker } from '../../../test/remoting-test-broker.js';

jest.setTimeout(400_000);

const TIMEOUT_MS = 5_000;

describe('instances of both transports on one topic', () => {
  const grpc = openTestBroker();
  const remoting = openRemotingTestBroker();
  const bench = new BrokerBench(remoting);

  afterEach(() => bench.close());
  afterAll(() => {
    grpc.close();
    remoting.close();
  });

  /** Without `asked` it leaves every decision to others: it may be asked before it is closed. */
  async function producerOf(transport: BrokerTransport, topic: string, asked?: string[]) {
    const producer = bench.track(
      transport.createTransactionalProducer(topic, ({ keys: [key = ''] }) => {
        if (asked === undefined) return Promise.resolve('UNKNOWN');
        asked.push(key);
        return Promise.resolve(key.startsWith('commit') ? 'COMMIT' : 'ROLLBACK');
      }),
    );
    producer.start();
    await producer.whenReady(remoting.patienceMs);
    return producer;
  }

  const DIRECTIONS = [
    ['remoting', 'the official client', remoting.transport, grpc.transport],
    ['the official client', 'remoting', grpc.transport, remoting.transport],
  ] as const;

  it.each(DIRECTIONS)(
    'a half message by %s is decided by an instance of %s',
    async (_by, _of, sender, answerer) => {
      const topic = await remoting.createTopic('TRANSACTION');
      const inbox = await bench.inbox(topic);
      const gone = await producerOf(sender, topic);
      const halves = [];
      for (const key of ['commit', 'rollback'])
        halves.push(await gone.sendHalfMessage(messageTo(topic, key), TIMEOUT_MS));
      await gone.close(TIMEOUT_MS);
      const asked: string[] = [];
      await producerOf(answerer, topic, asked);

      const message = await inbox.waitFor('commit', remoting.patienceMs);
      expect(message.messageId).toBe(halves[0]?.messageId);
      await eventually(() => asked.includes('rollback'), { timeoutMs: remoting.patienceMs });
      await sendAndEnd(await producerOf(sender, topic), messageTo(topic, 'commit-after'), 'COMMIT');
      await inbox.waitFor('commit-after', remoting.patienceMs);
      expect(new Set(inbox.keys)).toEqual(new Set(['commit', 'commit-after']));
    },
  );

  it.each(DIRECTIONS)('what %s sends and commits is received by %s', async (_by, _of, sender, receiver) => {
    const topic = await remoting.createTopic('TRANSACTION');
    const group = await remoting.createGroup(topic);
    const consumer = bench.track(receiver.createConsumer(topic, group));
    consumer.start();
    await consumer.whenReady(remoting.patienceMs);
    const producer = await producerOf(sender, topic);
    const half = await sendAndEnd(
      producer,
      { topic, key: 'commit', body: Buffer.from('金额'), properties: { 'txmsg-attempt': 'a-1' } },
      'COMMIT',
    );
    const [delivery] = await eventually(
      async () => {
        const deliveries = await consumer.receive({ messagesMax: 1, awaitMs: 5_000, invisibleMs: 10_000 });
        return deliveries.length > 0 && deliveries;
      },
      { timeoutMs: remoting.patienceMs },
    );
    expect(delivery?.message).toMatchObject({
      messageId: half.messageId,
      topic,
      keys: ['commit'],
      properties: { 'txmsg-attempt': 'a-1' },
    });
    expect(delivery?.message.body.toString()).toBe('金额');
    await delivery?.acknowledge(TIMEOUT_MS);
  });

  it('share one consumer group: each message goes to one of them', async () => {
    const topic = await remoting.createTopic('NORMAL');
    const group = await remoting.createGroup(topic);
    const consumers = [remoting.transport, grpc.transport].map((transport) =>
      bench.track(transport.createConsumer(topic, group)),
    );
    for (const consumer of consumers) consumer.start();
    for (const consumer of consumers) await consumer.whenReady(remoting.patienceMs);
    const producer = await bench.producer(topic);
    const keys = Array.from({ length: 40 }, (_, index) => `m${index}`);
    for (const key of keys) await producer.send(messageTo(topic, key), TIMEOUT_MS);

    const received: string[] = [];
    await eventually(
      async () => {
        for (const consumer of consumers) {
          const deliveries = await consumer.receive({ messagesMax: 4, awaitMs: 500, invisibleMs: 60_000 });
          await Promise.all(deliveries.map((delivery) => delivery.acknowledge(TIMEOUT_MS)));
          received.push(...deliveries.flatMap(({ message }) => message.keys));
        }
        return received.length >= keys.length;
      },
      { timeoutMs: remoting.patienceMs },
    );
    expect([...received].sort()).toEqual([...keys].sort());
  });
});
