import { randomUUID } from 'node:crypto';
import type { TransactionalProducer } from '../../libs/txmsg/src/broker/index.js';
import { quietTransport } from './quiet-transport.js';
import type { Servers } from './servers.js';

const START_DEADLINE_MS = 60_000;
const SEND_DEADLINE_MS = 30_000;

/**
 * Another service that puts messages on the transfer topic, in whatever form. The topic takes half messages only,
 * so each is sent as one and committed at once. It may stand beside a bank1: the broker then asks either of them
 * about any half message, and each answers UNKNOWN for what is not its own.
 */
export class ForeignSender {
  private constructor(
    private readonly topic: string,
    private readonly producer: TransactionalProducer,
  ) {}

  static async start(servers: Servers, topic: string): Promise<ForeignSender> {
    const transport = quietTransport(servers);
    // Its own are answered before this is asked: the adapter remembers the outcome that each was given.
    const producer = transport.createTransactionalProducer(topic, () => Promise.resolve('UNKNOWN'));
    producer.start();
    await producer.whenReady(START_DEADLINE_MS);
    return new ForeignSender(topic, producer);
  }

  /** Puts a message with this body on the topic; an object becomes JSON. */
  async deliver(body: object | string, key: string = randomUUID()): Promise<void> {
    const bytes = Buffer.isBuffer(body)
      ? body
      : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
    const message = { topic: this.topic, key, body: bytes, properties: {} };
    const halfMessage = await this.producer.sendHalfMessage(message, SEND_DEADLINE_MS);
    // When the answer is lost, check-backs are answered COMMIT.
    await halfMessage.end('COMMIT', SEND_DEADLINE_MS).catch(() => undefined);
  }

  close(): Promise<void> {
    return this.producer.close(2000);
  }
}
