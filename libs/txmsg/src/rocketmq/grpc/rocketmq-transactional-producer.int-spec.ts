import { afterAll, afterEach, describe, expect, it, jest } from '@jest/globals';
import { BrokerError, HalfMessageForgottenError } from '../../errors/index.js';
import { eventually } from '../../testing/eventually.js';
import { BrokerBench, messageTo } from '../../../test/broker-contract.bench.js';
import { settingsOf } from './client-options.js';
import { ProducerClient } from './producer.client.js';
import { openTestBroker } from '../../../test/test-broker.js';

jest.setTimeout(180_000);

const TIMEOUT_MS = 5_000;

describe('transactions on a real broker', () => {
  const broker = openTestBroker();
  const bench = new BrokerBench(broker);

  afterEach(() => bench.close());
  afterAll(() => {
    broker.close();
  });

  it('the broker forgets a transaction with its first end, and the other resolution is never sent', async () => {
    const topic = await broker.createTopic('TRANSACTION');
    const producer = await bench.transactionalProducer(topic);
    const half = await producer.sendHalfMessage(messageTo(topic, 'k'), TIMEOUT_MS);
    await half.end('COMMIT', TIMEOUT_MS);
    await expect(half.end('COMMIT', TIMEOUT_MS)).rejects.toThrow(HalfMessageForgottenError);
    await expect(half.end('ROLLBACK', TIMEOUT_MS)).rejects.toThrow('already given COMMIT');
  });

  it('answers for a sibling that crashed without a farewell, though it never sent anything itself', async () => {
    const topic = await broker.createTopic('TRANSACTION');
    const inbox = await bench.inbox(topic);
    const sender = new ProducerClient(
      topic,
      settingsOf(broker.options).clientOptions(() => undefined),
      () => undefined,
      'half message',
    );
    try {
      await sender.startup();
      await sender.publish(messageTo(topic, 'orphan'), 'half message', TIMEOUT_MS);
      // As when the process is killed: the connection is cut, and the broker still counts on this producer.
      sender.terminate();
      await bench.transactionalProducer(topic, () => Promise.resolve('COMMIT'));
      await inbox.waitFor('orphan', 150_000);
    } finally {
      await sender.shutdown();
    }
  });

  it('does not start on a topic of another type, says so, and starts when the topic has got its type', async () => {
    const topic = await broker.createTopic('NORMAL');
    const producer = bench.track(
      broker.transport.createTransactionalProducer(topic, () => Promise.resolve('UNKNOWN')),
    );
    producer.start();
    await eventually(() => producer.whyNotReady()?.includes('not of type TRANSACTION') === true, {
      timeoutMs: broker.patienceMs,
    });
    const sent = producer.sendHalfMessage(messageTo(topic, 'k'), TIMEOUT_MS);
    await expect(sent).rejects.toThrow(BrokerError);
    await expect(sent).rejects.toThrow(`mqadmin updateTopic -t ${topic} -a +message.type=TRANSACTION`);

    await broker.admin.createTopic(topic, 'TRANSACTION', 4);
    await producer.whenReady(broker.patienceMs);
  });
});
