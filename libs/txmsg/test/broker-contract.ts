import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { CheckBackAnswer, MessageHead } from '../src/broker/index.js';
import { BrokerError, BrokerNotReadyError, InvalidArgumentError } from '../src/errors/index.js';
import { DEFAULT_MESSAGE_LIMITS } from '../src/limits/index.js';
import {
  BrokerBench,
  messageTo,
  receive,
  receiveOne,
  sendAndEnd,
  type BrokerUnderTest,
} from './broker-contract.bench.js';
import { eventually } from '../src/testing/eventually.js';

const TIMEOUT_MS = 5_000;

export interface BrokerContractSetup {
  /** Whether the broker can be made unreachable; tests that need it are skipped otherwise. */
  readonly hasOutage: boolean;
  open(): BrokerUnderTest | Promise<BrokerUnderTest>;
}

/**
 * What every implementation of the broker ports must do. Run against the broker in memory and against real
 * ones alike, so that tests on the fake say something about the real one. Not exported from testing/index.ts:
 * @jest/globals may only be imported inside a test.
 */
export function describeBrokerContract(name: string, setup: BrokerContractSetup): void {
  describe(`the broker contract, kept by ${name}`, () => {
    let broker: BrokerUnderTest;
    let bench: BrokerBench;

    beforeAll(async () => {
      broker = await setup.open();
      bench = new BrokerBench(broker);
    }, 120_000);

    afterEach(() => bench.close());
    afterAll(() => broker.close?.());

    const patience = () => ({ timeoutMs: broker.patienceMs });
    const test = (title: string, run: () => Promise<void>) => {
      it(title, run, 400_000);
    };

    describe('a transactional producer', () => {
      test('has its committed message delivered, with key, body and properties as they were sent', async () => {
        const topic = await broker.createTopic('TRANSACTION');
        const [producer, inbox] = [await bench.transactionalProducer(topic), await bench.inbox(topic)];
        const body = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
        const properties = { 'txmsg-attempt': 'a-1', traceparent: '00-aa-bb-01', note: '转账 € 🏦' };
        const sentAtMs = Date.now();

        const half = await sendAndEnd(producer, { topic, key: 'tx:1', body, properties }, 'COMMIT');

        const message = await inbox.waitFor('tx:1', broker.patienceMs);
        expect(message).toMatchObject({ messageId: half.messageId, topic, keys: ['tx:1'], properties });
        expect(message.body.equals(body)).toBe(true);
        expect(Math.abs((message.bornAtMs ?? 0) - sentAtMs)).toBeLessThan(60_000);
      });

      test('keeps half messages and rolled back ones from everybody', async () => {
        const topic = await broker.createTopic('TRANSACTION');
        const [producer, inbox] = [await bench.transactionalProducer(topic), await bench.inbox(topic)];
        await producer.sendHalfMessage(messageTo(topic, 'half'), TIMEOUT_MS);
        await sendAndEnd(producer, messageTo(topic, 'rolled-back'), 'ROLLBACK');
        for (const key of ['c1', 'c2', 'c3']) await sendAndEnd(producer, messageTo(topic, key), 'COMMIT');

        for (const key of ['c1', 'c2', 'c3']) await inbox.waitFor(key, broker.patienceMs);
        expect(new Set(inbox.keys)).toEqual(new Set(['c1', 'c2', 'c3']));
      });

      test('is asked about silent half messages, again after UNKNOWN or a throw, and its answers are obeyed', async () => {
        const topic = await broker.createTopic('TRANSACTION');
        const asked: string[] = [];
        const checkBack = ({ keys: [key = ''] }: MessageHead): Promise<CheckBackAnswer> => {
          const times = asked.push(key) && asked.filter((one) => one === key).length;
          if (key === 'throws' && times === 1) return Promise.reject(new Error('the database is away'));
          if (key === 'unknown' && times === 1) return Promise.resolve('UNKNOWN');
          return Promise.resolve(key === 'rollback' ? 'ROLLBACK' : 'COMMIT');
        };
        const [producer, inbox] = [
          await bench.transactionalProducer(topic, checkBack),
          await bench.inbox(topic),
        ];
        for (const key of ['rollback', 'commit', 'throws', 'unknown']) {
          await producer.sendHalfMessage(messageTo(topic, key), TIMEOUT_MS);
        }

        await eventually(async () => {
          await broker.promptCheckBacks();
          expect(new Set(inbox.keys)).toEqual(new Set(['commit', 'throws', 'unknown']));
          expect(asked).toContain('rollback');
        }, patience());
      });

      test('sees in a check-back what the message was sent with, and not its body', async () => {
        const topic = await broker.createTopic('TRANSACTION');
        const asked: MessageHead[] = [];
        const producer = await bench.transactionalProducer(topic, (message) => {
          asked.push(message);
          return Promise.resolve('ROLLBACK');
        });
        const message = { ...messageTo(topic, 'tx-1', '金额'), properties: { 'txmsg-attempt': 'a-1' } };
        const half = await producer.sendHalfMessage(message, TIMEOUT_MS);

        const [seen] = await eventually(async () => {
          await broker.promptCheckBacks();
          return asked.length > 0 && asked;
        }, patience());
        expect(seen).toMatchObject({ messageId: half.messageId, topic, keys: ['tx-1'] });
        expect(seen?.properties['txmsg-attempt']).toBe('a-1');
        expect(seen).not.toHaveProperty('body');
      });

      test('answers for a sibling that is gone', async () => {
        const topic = await broker.createTopic('TRANSACTION');
        const inbox = await bench.inbox(topic);
        const sender = await bench.transactionalProducer(topic);
        await sender.sendHalfMessage(messageTo(topic, 'orphan'), TIMEOUT_MS);
        await sender.close(TIMEOUT_MS);
        await bench.transactionalProducer(topic, () => Promise.resolve('COMMIT'));

        await eventually(async () => {
          await broker.promptCheckBacks();
          expect(inbox.keys).toContain('orphan');
        }, patience());
      });

      test('refuses a message that would not arrive as it is', async () => {
        const topic = await broker.createTopic('TRANSACTION');
        const producer = await bench.transactionalProducer(topic);
        const good = messageTo(topic, 'k');
        const bad = [
          { ...good, body: Buffer.alloc(0) },
          { ...good, body: Buffer.alloc(5 * 1024 * 1024) },
          { ...good, key: '' },
          { ...good, key: 'two words' },
          { ...good, topic: 'another' },
          { ...good, properties: { KEYS: 'x' } },
          { ...good, properties: { name: 'line\nbreak' } },
        ];
        for (const message of bad) {
          await expect(producer.sendHalfMessage(message, TIMEOUT_MS)).rejects.toThrow(InvalidArgumentError);
        }
      });
    });

    describe('a consumer', () => {
      test('has acknowledged messages no more, and invisible ones again', async () => {
        const topic = await broker.createTopic('NORMAL');
        const [producer, consumer] = [await bench.producer(topic), await bench.consumer(topic)];
        await producer.send(messageTo(topic, 'done'), TIMEOUT_MS);
        const done = await receiveOne(consumer, broker.patienceMs);
        expect(done.deliveryAttempt).toBe(1);
        await done.acknowledge(TIMEOUT_MS);
        await producer.send(messageTo(topic, 'later'), TIMEOUT_MS);
        const later = await receiveOne(consumer, broker.patienceMs);
        await later.changeInvisibleDuration(1_000, TIMEOUT_MS);

        const again = await receiveOne(consumer, broker.patienceMs);
        expect(again.message.keys).toEqual(['later']);
        expect(again.deliveryAttempt).toBeGreaterThan(1);
        await again.acknowledge(TIMEOUT_MS);
      });

      test('does not have an acknowledged message again by a late renewal', async () => {
        const topic = await broker.createTopic('NORMAL');
        const [producer, consumer] = [await bench.producer(topic), await bench.consumer(topic)];
        await producer.send(messageTo(topic, 'done'), TIMEOUT_MS);
        const done = await receiveOne(consumer, broker.patienceMs);
        await done.acknowledge(TIMEOUT_MS);
        await done.changeInvisibleDuration(1, TIMEOUT_MS);

        await producer.send(messageTo(topic, 'other'), TIMEOUT_MS);
        const other = await receiveOne(consumer, broker.patienceMs);
        await other.changeInvisibleDuration(1_000, TIMEOUT_MS);
        expect((await receiveOne(consumer, broker.patienceMs)).message.keys).toEqual(['other']);
      });

      test('receives no more than it asks for, and all of it in the end', async () => {
        const topic = await broker.createTopic('NORMAL');
        const [producer, consumer] = [await bench.producer(topic), await bench.consumer(topic)];
        const sent = Array.from({ length: 20 }, (_, index) => `m${index}`);
        for (const key of sent) await producer.send(messageTo(topic, key), TIMEOUT_MS);

        const received = new Set<string>();
        await eventually(async () => {
          const deliveries = await receive(consumer, 3);
          expect(deliveries.length).toBeLessThanOrEqual(3);
          await Promise.all(deliveries.map((delivery) => delivery.acknowledge(TIMEOUT_MS)));
          for (const { message } of deliveries) received.add(message.keys.join());
          return received.size === sent.length;
        }, patience());
      });

      test('hands on the beginning of a body that is too large, marked, and its neighbours whole', async () => {
        const topic = await broker.createTopic('NORMAL');
        const [producer, inbox] = [await bench.producer(topic), await bench.inbox(topic)];
        const limit = DEFAULT_MESSAGE_LIMITS.bodyBytesMax;
        const bodies = {
          before: 'x',
          fits: '{"a":1}'.padEnd(limit),
          large: '张'.repeat(1e6),
          after: 'y',
        };
        for (const [key, body] of Object.entries(bodies)) {
          await producer.send(messageTo(topic, key, body), TIMEOUT_MS);
        }

        const large = await inbox.waitFor('large', broker.patienceMs);
        expect(large.cut).toEqual({ bytes: 3e6, compressed: false });
        expect(large.body.length).toBeLessThanOrEqual(limit);
        expect(large.body.toString()).toMatch(/^张{20000,}…$/u);
        for (const key of ['before', 'fits', 'after'] as const) {
          const message = await inbox.waitFor(key, broker.patienceMs);
          expect([message.cut, message.body.toString()]).toEqual([undefined, bodies[key]]);
        }
      });

      test('shares nothing with another group', async () => {
        const topic = await broker.createTopic('NORMAL');
        const [producer, ...inboxes] = [
          await bench.producer(topic),
          await bench.inbox(topic),
          await bench.inbox(topic),
        ] as const;
        await producer.send(messageTo(topic, 'for-all'), TIMEOUT_MS);

        for (const inbox of inboxes) await inbox.waitFor('for-all', broker.patienceMs);
      });

      test('answers nothing when there is nothing, and at once when it is closed', async () => {
        const topic = await broker.createTopic('NORMAL');
        const consumer = await bench.consumer(topic);
        expect(await consumer.receive({ messagesMax: 1, awaitMs: 10, invisibleMs: 10_000 })).toEqual([]);
        const waiting = consumer.receive({ messagesMax: 1, awaitMs: 120_000, invisibleMs: 10_000 });
        await consumer.close(TIMEOUT_MS);
        expect(await waiting).toEqual([]);
      });
    });

    describe('an ordinary producer', () => {
      test('cannot send to a transactional topic', async () => {
        const topic = await broker.createTopic('TRANSACTION');
        await bench.transactionalProducer(topic);
        const producer = bench.track(broker.transport.createProducer(topic));
        producer.start();
        // It may refuse to start, or to send; both in these words, and BrokerError either way.
        const words = async (): Promise<string> => {
          const error: unknown = await producer
            .send(messageTo(topic, 'k'), TIMEOUT_MS)
            .catch((e: unknown) => e);
          return error instanceof BrokerError ? error.message : `sent: ${String(error)}`;
        };
        await eventually(async () => (await words()).includes('not of type NORMAL'), {
          timeoutMs: broker.patienceMs,
        });
      });
    });

    describe('while the broker is away', () => {
      test('clients are not ready, calls fail at once, and closing ends within its deadline', async () => {
        const away = broker.unreachable();
        const producer = bench.track(away.createTransactionalProducer('t', () => Promise.resolve('UNKNOWN')));
        const consumer = bench.track(away.createConsumer('t', 'g'));
        for (const client of [producer, consumer]) client.start();

        await expect(producer.whenReady(50)).rejects.toThrow(BrokerNotReadyError);
        await expect(consumer.whenReady(50)).rejects.toThrow(BrokerNotReadyError);
        expect([producer.isReady(), consumer.isReady()]).toEqual([false, false]);
        await expect(producer.sendHalfMessage(messageTo('t', 'k'), TIMEOUT_MS)).rejects.toThrow(
          BrokerNotReadyError,
        );
        await expect(receive(consumer)).rejects.toThrow(BrokerNotReadyError);
        await Promise.all([producer.close(TIMEOUT_MS), consumer.close(TIMEOUT_MS)]);
      });

      test('a client that was never started closes, and a closed one stays closed', async () => {
        const never = broker.transport.createProducer('t');
        await never.close(TIMEOUT_MS);
        never.start();
        expect(never.isReady()).toBe(false);
        await expect(never.whenReady(50)).rejects.toThrow(BrokerNotReadyError);
      });

      if (!setup.hasOutage) return;

      test('clients wait for it and go on by themselves when it is back', async () => {
        const topic = await broker.createTopic('TRANSACTION');
        const producer = await bench.transactionalProducer(topic, () => Promise.resolve('COMMIT'));
        const inbox = await bench.inbox(topic);
        await sendAndEnd(producer, messageTo(topic, 'before'), 'COMMIT');
        await inbox.waitFor('before', broker.patienceMs);
        await producer.sendHalfMessage(messageTo(topic, 'silent'), TIMEOUT_MS);

        await broker.outage?.begin();
        await eventually(() => !producer.isReady(), patience());
        await expect(producer.sendHalfMessage(messageTo(topic, 'lost'), TIMEOUT_MS)).rejects.toThrow(
          BrokerError,
        );
        await broker.outage?.end();

        await producer.whenReady(broker.patienceMs);
        await sendAndEnd(producer, messageTo(topic, 'after'), 'COMMIT');
        await inbox.waitFor('after', broker.patienceMs);
        await eventually(async () => {
          await broker.promptCheckBacks();
          expect(inbox.keys).toContain('silent');
        }, patience());
      });
    });
  });
}
