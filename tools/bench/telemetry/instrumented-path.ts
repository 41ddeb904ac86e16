import { randomUUID } from 'node:crypto';
import {
  MeasuredConsumer,
  MeasuredProducer,
  MeasuredTransactionalProducer,
} from '../../../libs/txmsg/src/broker/measured-clients.js';
import type {
  BrokerClient,
  Consumer,
  Delivery,
  OutgoingMessage,
  Producer,
  TransactionalProducer,
} from '../../../libs/txmsg/src/broker/index.js';
import { Telemetry } from '../../../libs/txmsg/src/telemetry/index.js';

const WARM_UP = 2;
const ROUNDS = 7;
/** Transfers under way at once, and in each transaction. */
const BATCH = 16;
const BATCHES = 1500;
const TIMEOUT_MS = 1000;
const RECEIVE = { messagesMax: BATCH, awaitMs: 1000, invisibleMs: 60_000 };

const CLIENT: BrokerClient = {
  start: () => undefined,
  isReady: () => true,
  whyNotReady: () => undefined,
  whenReady: () => Promise.resolve(),
  close: () => Promise.resolve(),
};

/**
 * CPU in µs of one transfer and its result, as far as the library's telemetry is concerned: every broker request, local
 * transaction and handler, with a broker that answers at once. What an SDK does in the background (export, garbage) is in
 * it as far as it falls into the measured time. The SDK that is registered now is the one that is measured.
 * @param isMeasured - false for the same calls without the telemetry around them
 * @returns the median of several rounds
 */
export async function pathMicroseconds(isMeasured: boolean): Promise<number> {
  const path = isMeasured ? new MeasuredPath() : new BarePath();
  const rounds: number[] = [];
  for (let round = -WARM_UP; round < ROUNDS; round++) {
    const cpu = await cpuOf(path);
    if (round >= 0) rounds.push(cpu);
  }
  return rounds.sort((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? NaN;
}

async function cpuOf(path: Path): Promise<number> {
  const before = process.cpuUsage();
  for (let batch = 0; batch < BATCHES; batch++) await path.transfers();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / (BATCHES * BATCH);
}

interface Path {
  /** As many as a batch has, from the half messages until their results are acknowledged. */
  transfers(): Promise<void>;
}

function messages(): OutgoingMessage[] {
  return Array.from({ length: BATCH }, () => ({
    topic: 'topic',
    key: randomUUID(),
    body: Buffer.alloc(0),
    properties: { txNo: 'a-number' },
  }));
}

/** A broker that answers at once. */
class Broker {
  private readonly waiting: OutgoingMessage[] = [];

  readonly transactional: TransactionalProducer = {
    ...CLIENT,
    sendHalfMessage: (message) =>
      Promise.resolve({
        messageId: message.key,
        end: () => {
          this.take(message);
          return Promise.resolve();
        },
      }),
  };

  readonly producer: Producer = {
    ...CLIENT,
    send: (message) => {
      this.take(message);
      return Promise.resolve({ messageId: message.key });
    },
  };

  readonly consumer: Consumer = {
    ...CLIENT,
    receive: () => Promise.resolve(this.waiting.splice(0).map((message) => delivery(message))),
  };

  private take(message: OutgoingMessage): void {
    this.waiting.push(message);
  }
}

function delivery({ topic, key, body, properties }: OutgoingMessage): Delivery {
  return {
    message: { messageId: key, topic, keys: [key], body, properties, bornAtMs: Date.now() },
    deliveryAttempt: 1,
    acknowledge: () => Promise.resolve(),
    changeInvisibleDuration: () => Promise.resolve(),
  };
}

class BarePath implements Path {
  private readonly broker = new Broker();

  async transfers(): Promise<void> {
    const { transactional, producer, consumer } = this.broker;
    await Promise.all(
      messages().map(async (message) => {
        const half = await transactional.sendHalfMessage(message, TIMEOUT_MS);
        await half.end('COMMIT', TIMEOUT_MS);
      }),
    );
    for (const one of await consumer.receive(RECEIVE)) await one.acknowledge(TIMEOUT_MS);
    await Promise.all(messages().map((message) => producer.send(message, TIMEOUT_MS)));
    for (const one of await consumer.receive(RECEIVE)) await one.acknowledge(TIMEOUT_MS);
  }
}

class MeasuredPath implements Path {
  private readonly broker = new Broker();
  private readonly telemetry = new Telemetry();
  private readonly sending = this.telemetry.producer('topic');
  private readonly receiving = this.telemetry.consumer('topic', 'group');
  private readonly transactional = new MeasuredTransactionalProducer(this.broker.transactional, this.sending);
  private readonly producer = new MeasuredProducer(this.broker.producer, this.sending);
  private readonly consumer = new MeasuredConsumer(this.broker.consumer, this.receiving);

  async transfers(): Promise<void> {
    const halves = await Promise.all(
      messages().map(async (message) => {
        const half = await this.transactional.sendHalfMessage(message, TIMEOUT_MS);
        const local = this.sending.localTransaction(half.sent, {
          messageId: half.messageId,
          keys: [message.key],
        });
        return { half, local };
      }),
    );
    const batch = this.sending.batch(halves.map(({ local }) => local.work));
    this.sending.transaction(halves.length);
    batch.end();
    await Promise.all(
      halves.map(({ half, local }) => {
        local.end('COMMIT');
        return half.end('COMMIT', TIMEOUT_MS);
      }),
    );
    await this.consume();
    await Promise.all(messages().map((message) => this.producer.send(message, TIMEOUT_MS)));
    await this.consume();
  }

  private async consume(): Promise<void> {
    const deliveries = await this.consumer.receive(RECEIVE);
    const processing = deliveries.map(({ message, deliveryAttempt }) =>
      this.receiving.process(message, deliveryAttempt),
    );
    const batch = this.receiving.batch(processing);
    this.receiving.transaction(deliveries.length);
    batch.end();
    for (const one of processing) one.end('DONE');
    for (const one of deliveries) await one.acknowledge(TIMEOUT_MS);
  }
}
