import type { BrokerTransport, Consumer, MessageHead } from '../src/broker/index.js';
import { Inbox } from './broker-contract.bench.js';

export interface Note {
  readonly txNo: string;
  readonly note: string;
}

/** What consumers of a topic get to see: every note that is delivered, until it is closed. */
export class DeliveredNotes {
  private readonly closing = new AbortController();
  private readonly inbox: Inbox;
  private readonly filled: Promise<void>;

  private constructor(private readonly consumer: Consumer) {
    this.inbox = new Inbox(consumer, this.closing.signal);
    this.filled = this.inbox.fill();
  }

  static async start(transport: BrokerTransport, topic: string, group: string): Promise<DeliveredNotes> {
    const consumer = transport.createConsumer(topic, group);
    consumer.start();
    await consumer.whenReady(30_000);
    return new DeliveredNotes(consumer);
  }

  /** One for each delivery under this txNo. */
  all(txNo: string): string[] {
    return this.inbox.messages
      .map(({ body }) => JSON.parse(body.toString()) as Note)
      .filter((note) => note.txNo === txNo)
      .map(({ note }) => note);
  }

  /** The different ones, however often each was delivered. */
  of(txNo: string): string[] {
    return [...new Set(this.all(txNo))];
  }

  /** How many different messages came with this key, however often each was delivered. */
  messagesWith(key: string): number {
    return this.headsWith(key).length;
  }

  /** Of each different message with this key, in the order of their first deliveries. */
  headsWith(key: string): MessageHead[] {
    const messages = this.inbox.messages.filter(({ keys }) => keys.includes(key));
    return [...new Map(messages.map((message) => [message.messageId, message])).values()];
  }

  async close(): Promise<void> {
    this.closing.abort();
    await this.filled;
    await this.consumer.close(3000);
  }
}
