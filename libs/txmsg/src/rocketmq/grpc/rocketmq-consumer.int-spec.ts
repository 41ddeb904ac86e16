import { afterAll, afterEach, describe, expect, it, jest } from '@jest/globals';
import type { Delivery } from '../../broker/index.js';
import { BrokerError, BrokerNotReadyError } from '../../errors/index.js';
import { eventually } from '../../testing/eventually.js';
import { itDeliversCompressedMessages } from '../../../test/compressed-messages.js';
import { BrokerBench, messageTo } from '../../../test/broker-contract.bench.js';
import { Encoding } from './client-protocol.js';
import { settingsOf } from './client-options.js';
import { encodeSendRequest } from './outgoing-message.encoder.js';
import { ProducerClient } from './producer.client.js';
import { openTestBroker, uniqueName } from '../../../test/test-broker.js';

jest.setTimeout(120_000);

const TIMEOUT_MS = 5_000;

describe('consuming from a real broker', () => {
  const broker = openTestBroker();
  const bench = new BrokerBench(broker);

  afterEach(() => bench.close());
  afterAll(() => {
    broker.close();
  });

  /** Sends as a Java producer does with bodies over 4 KB: compressed by zlib, under the flag GZIP. */
  async function sendCompressed(topic: string, key: string, body: Buffer): Promise<void> {
    const client = new ProducerClient(
      topic,
      settingsOf(broker.options).clientOptions(() => undefined),
      () => undefined,
      'message',
    );
    try {
      await client.startup();
      const [queue] = client.brokersOf(topic, 'WRITE');
      if (!queue) throw new Error('no route');
      const message = messageTo(topic, key, body);
      const { publishingSettings } = client;
      const request = encodeSendRequest(message, 'message', publishingSettings, queue, uniqueName('id'));
      request.getMessagesList()[0]?.getSystemProperties()?.setBodyEncoding(Encoding.GZIP);
      await client.connections.sendMessage(queue.broker.endpoints, request, TIMEOUT_MS);
    } finally {
      await client.shutdown();
    }
  }

  itDeliversCompressedMessages(bench, broker, sendCompressed);

  it('polls all queues of the topic at once', async () => {
    const topic = await broker.createTopic('NORMAL');
    const [producer, consumer] = [await bench.producer(topic), await bench.consumer(topic)];
    const receiveNext = async (): Promise<Delivery> => {
      const [delivery] = await consumer.receive({ messagesMax: 1, awaitMs: 20_000, invisibleMs: 300_000 });
      return delivery ?? Promise.reject(new Error('nothing was delivered'));
    };
    for (let index = 0; index < 40; index++) {
      await producer.send(messageTo(topic, `m${index}`), TIMEOUT_MS);
      // If a poll covered one queue only, three of four would find nothing, and the test would run out of time.
      const { message } = await eventually(receiveNext, { timeoutMs: broker.patienceMs });
      expect(message.keys).toEqual([`m${index}`]);
    }
  });

  it('takes more than the broker hands out at once', async () => {
    const topic = await broker.createTopic('NORMAL');
    const [producer, consumer] = [await bench.producer(topic), await bench.consumer(topic)];
    await producer.send(messageTo(topic, 'k'), TIMEOUT_MS);
    const received = await consumer.receive({ messagesMax: 1_000, awaitMs: 20_000, invisibleMs: 10_000 });
    expect(received).toHaveLength(1);
  });

  it('refuses, in clear words, to keep messages invisible for less than the broker allows', async () => {
    const consumer = await bench.consumer(await broker.createTopic('NORMAL'));
    const tooShort = consumer.receive({ messagesMax: 1, awaitMs: 5_000, invisibleMs: 100 });
    await expect(tooShort).rejects.toThrow(BrokerError);
    await expect(tooShort).rejects.toThrow('the invisibleTime is too small. min is 10000');
  });

  it('says which topic is missing, keeps trying, and begins when it is made', async () => {
    const [topic, group] = [uniqueName('topic'), uniqueName('group')];
    await broker.admin.createConsumerGroup(group);
    const consumer = bench.track(broker.transport.createConsumer(topic, group));
    consumer.start();
    await expect(consumer.whenReady(2_000)).rejects.toThrow(BrokerNotReadyError);
    await expect(consumer.whenReady(10)).rejects.toThrow(`on topic "${topic}"`);
    await eventually(async () => {
      const { cause } = (await consumer.whenReady(10).catch((error: unknown) => error)) as Error;
      expect(String(cause)).toContain('No topic route info');
    });

    await broker.admin.createTopic(topic, 'NORMAL');
    await consumer.whenReady(broker.patienceMs);
  });

  it.each([
    [16, "RocketMQ's default"],
    [2_147_483_647, 'one that overflows when the proxy adds one'],
  ])('does not consume with the retry limit %i, %s, and begins when it is mended', async (retryMaxTimes) => {
    const [topic, group] = [await broker.createTopic('NORMAL'), uniqueName('group')];
    await broker.admin.createConsumerGroup(group, { retryMaxTimes });
    const consumer = bench.track(broker.transport.createConsumer(topic, group));
    consumer.start();
    await eventually(
      () => consumer.whyNotReady()?.includes(`has the retry limit ${retryMaxTimes}`) === true,
      {
        timeoutMs: broker.patienceMs,
      },
    );
    expect(consumer.whyNotReady()).toContain(`mqadmin updateSubGroup -g ${group} -r 100000000`);

    await broker.admin.createConsumerGroup(group);
    await consumer.whenReady(broker.patienceMs);
  });

  it('does not consume with a group that the broker has made by itself, with its default limit', async () => {
    const [topic, group] = [await broker.createTopic('NORMAL'), uniqueName('group')];
    const consumer = bench.track(broker.transport.createConsumer(topic, group));
    consumer.start();
    await eventually(() => consumer.whyNotReady()?.includes(`"${group}" has the retry limit 16`) === true, {
      timeoutMs: broker.patienceMs / 2,
    });
  });
});
