import { beforeEach, describe, expect, it } from '@jest/globals';
import type { CheckBackAnswer, TransactionalProducer } from '../broker/index.js';
import {
  BrokerError,
  BrokerNotReadyError,
  BrokerTimeoutError,
  HalfMessageForgottenError,
} from '../errors/index.js';
import { messageTo, sendAndEnd } from '../../test/broker-contract.bench.js';
import { InMemoryBroker } from './in-memory-broker.js';

const TOPIC = 't';
const TIMEOUT_MS = 1_000;
const RECEIVE = { messagesMax: 32, awaitMs: 0, invisibleMs: 10_000 };

describe('the broker in memory', () => {
  let broker: InMemoryBroker;
  let producer: TransactionalProducer;
  let answer: CheckBackAnswer;

  beforeEach(() => {
    broker = new InMemoryBroker();
    answer = 'UNKNOWN';
    producer = broker.createTransactionalProducer(TOPIC, () => Promise.resolve(answer));
    producer.start();
  });

  const message = messageTo(TOPIC, 'k');
  const half = () => producer.sendHalfMessage(message, TIMEOUT_MS);
  async function delivered(group = 'g') {
    const consumer = broker.createConsumer(TOPIC, group);
    consumer.start();
    return consumer.receive(RECEIVE);
  }

  it('keeps a half message whose receipt is lost, and asks about it', async () => {
    broker.faults.loseNext('HALF_MESSAGE_RECEIPT');
    await expect(half()).rejects.toThrow(BrokerError);
    answer = 'COMMIT';
    expect(await broker.runCheckBacks()).toEqual(['COMMIT']);
    expect(await broker.runCheckBacks()).toEqual([]);
    expect(await delivered()).toHaveLength(1);
  });

  it('loses a COMMIT without telling, and asks', async () => {
    broker.faults.loseNext('END');
    await sendAndEnd(producer, message, 'COMMIT');
    expect(await delivered()).toEqual([]);
    answer = 'COMMIT';
    await broker.runCheckBacks();
    expect(await delivered()).toHaveLength(1);
    expect(broker.halfMessages(TOPIC)).toMatchObject([{ resolutions: ['COMMIT'], timesAsked: 1 }]);
  });

  it('obeys a COMMIT whose answer is lost', async () => {
    broker.faults.loseNext('END_ANSWER');
    await expect(sendAndEnd(producer, message, 'COMMIT')).rejects.toThrow(BrokerError);
    expect(await delivered()).toHaveLength(1);
  });

  it('forgets a transaction, and asks', async () => {
    broker.faults.loseNext('TRANSACTION');
    await expect(sendAndEnd(producer, message, 'ROLLBACK')).rejects.toThrow(HalfMessageForgottenError);
    answer = 'ROLLBACK';
    expect(await broker.runCheckBacks()).toEqual(['ROLLBACK']);
  });

  it('loses the answer to a check-back, and asks again', async () => {
    await half();
    broker.faults.loseNext('CHECK_BACK_ANSWER');
    answer = 'COMMIT';
    await broker.runCheckBacks();
    expect(await delivered()).toEqual([]);
    await broker.runCheckBacks();
    expect(await delivered()).toHaveLength(1);
  });

  it('delivers on COMMIT after ROLLBACK, and again on a repeated COMMIT, as RocketMQ does', async () => {
    const sent = await half();
    for (const resolution of ['ROLLBACK', 'COMMIT', 'COMMIT'] as const)
      await sent.end(resolution, TIMEOUT_MS);
    expect(await delivered()).toHaveLength(2);
  });

  it('delivers twice when told to', async () => {
    broker.faults.deliverTwice();
    await sendAndEnd(producer, message, 'COMMIT');
    const deliveries = await delivered();
    expect(deliveries.map((delivery) => delivery.message.messageId)).toHaveLength(2);
  });

  it('forgets an acknowledgement, so the message comes again', async () => {
    await sendAndEnd(producer, message, 'COMMIT');
    broker.faults.loseNext('ACKNOWLEDGEMENT');
    const [delivery] = await delivered();
    await delivery?.acknowledge(TIMEOUT_MS);
    await delivery?.changeInvisibleDuration(0, TIMEOUT_MS);
    expect(await delivered()).toMatchObject([{ deliveryAttempt: 2 }]);
  });

  it('obeys a call that is slower than its deadline, without telling', async () => {
    broker.faults.delayMs = 60_000;
    await expect(producer.sendHalfMessage(message, 10)).rejects.toThrow(BrokerTimeoutError);
    expect(broker.halfMessages(TOPIC)).toHaveLength(1);
  });

  it('is away when it is down: nothing is sent, nobody is asked', async () => {
    await half();
    broker.faults.goDown();
    await expect(half()).rejects.toThrow(BrokerNotReadyError);
    expect(await broker.runCheckBacks()).toEqual([]);
    expect(broker.halfMessages(TOPIC)).toMatchObject([{ timesAsked: 0 }]);
  });

  it('asks only producers that are alive', async () => {
    await half();
    await producer.close(TIMEOUT_MS);
    answer = 'COMMIT';
    expect(await broker.runCheckBacks()).toEqual(['UNKNOWN']);
    expect(await delivered()).toEqual([]);
  });
});
