import { afterAll, afterEach, describe, expect, it, jest } from '@jest/globals';
import { BrokerError, HalfMessageForgottenError } from '../errors/index.js';
import { BrokerBench, messageTo } from '../testing/broker-contract.bench.js';
import { settingsOf } from './client-options.js';
import { ProducerClient } from './producer.client.js';
import { openTestBroker } from './test-broker.fixture.js';

jest.setTimeout(180_000);

const TIMEOUT_MS = 5_000;

describe('transactions on a real broker', () => {
  const broker = openTestBroker();
  const bench = new BrokerBench(broker);

  afterEach(() => bench.close());
  afterAll(() => {
    broker.close();
  });

  it('the broker forgets a transaction with its first end, and the other fate is never sent', async () => {
    const topic = await broker.createTopic('TRANSACTION');
    const producer = await bench.transactionalProducer(topic);
    const half = await producer.sendHalfMessage(messageTo(topic, 'k'), TIMEOUT_MS);
    await half.end('COMMIT', TIMEOUT_MS);
    await expect(half.end('COMMIT', TIMEOUT_MS)).rejects.toThrow(HalfMessageForgottenError);
    await expect(half.end('ROLLBACK', TIMEOUT_MS)).rejects.toThrow('already given COMMIT');
  });

  it('answers for a sibling that died without a farewell, though it never sent anything itself', async () => {
    const topic = await broker.createTopic('TRANSACTION');
    const inbox = await bench.inbox(topic);
    const sender = new ProducerClient(
      topic,
      settingsOf(broker.options).clientOptions(() => undefined),
      () => undefined,
    );
    await sender.startup();
    await sender.publish(messageTo(topic, 'orphan'), 'half message', TIMEOUT_MS);
    // As when the process is killed: the connection is cut, and the broker still counts on this producer.
    sender.terminate();
    await bench.transactionalProducer(topic, () => Promise.resolve('COMMIT'));
    await inbox.waitFor('orphan', 150_000);
    await sender.shutdown();
  });

  it('refuses half messages to a topic of another type, in clear words', async () => {
    const topic = await broker.createTopic('NORMAL');
    const producer = await bench.transactionalProducer(topic);
    const sent = producer.sendHalfMessage(messageTo(topic, 'k'), TIMEOUT_MS);
    await expect(sent).rejects.toThrow(BrokerError);
    await expect(sent).rejects.toThrow('the topic is not of type TRANSACTION');
  });
});
