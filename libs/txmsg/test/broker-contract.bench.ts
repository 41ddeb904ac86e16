import type {
  BrokerClient,
  BrokerTransport,
  CheckBackHandler,
  Consumer,
  Delivery,
  IncomingMessage,
  OutgoingMessage,
  TransactionalProducer,
} from '../src/broker/index.js';
import { eventually } from '../src/testing/eventually.js';

/** What the contract suite needs of a broker, real or in memory. */
export interface BrokerUnderTest {
  readonly transport: BrokerTransport;
  /** Makes a topic that nobody else uses, and answers its name. */
  createTopic(type: 'TRANSACTION' | 'NORMAL'): Promise<string>;
  /** Makes a group that nobody else uses and that begins at the topic's first message. */
  createGroup(topic: string): Promise<string>;
  /** Makes a broker ask that does not ask by itself. */
  promptCheckBacks(): Promise<unknown>;
  /** A transport to a place where no broker is. */
  unreachable(): BrokerTransport;
  /** Takes the broker away and brings it back; left out where that cannot be done to the others who use it. */
  readonly outage?: { begin(): Promise<void>; end(): Promise<void> };
  /** How long to wait for what must come. */
  readonly patienceMs: number;
  close?(): void | Promise<void>;
}

const TIMEOUT_MS = 5_000;
export const INVISIBLE_DURATION_MS = 10_000;

/** Makes clients for one test, and closes them after it. */
export class BrokerBench {
  private readonly clients = new Set<BrokerClient>();
  private closing = new AbortController();

  constructor(readonly broker: BrokerUnderTest) {}

  async transactionalProducer(topic: string, checkBack: CheckBackHandler = () => Promise.resolve('UNKNOWN')) {
    return this.ready(this.broker.transport.createTransactionalProducer(topic, checkBack));
  }

  async producer(topic: string) {
    return this.ready(this.broker.transport.createProducer(topic));
  }

  async consumer(topic: string, group?: string) {
    const consumerGroup = group ?? (await this.broker.createGroup(topic));
    return this.ready(this.broker.transport.createConsumer(topic, consumerGroup));
  }

  /** Everything that is delivered from now on, acknowledged at once. */
  async inbox(topic: string): Promise<Inbox> {
    const inbox = new Inbox(await this.consumer(topic), this.closing.signal);
    void inbox.fill();
    return inbox;
  }

  track<Client extends BrokerClient>(client: Client): Client {
    this.clients.add(client);
    return client;
  }

  async close(): Promise<void> {
    this.closing.abort();
    this.closing = new AbortController();
    await Promise.all([...this.clients].map((client) => client.close(TIMEOUT_MS)));
    this.clients.clear();
  }

  private async ready<Client extends BrokerClient>(client: Client): Promise<Client> {
    this.track(client).start();
    await client.whenReady(this.broker.patienceMs);
    return client;
  }
}

/** Collects a consumer's messages until it is closed, however long the broker stays away in between. */
export class Inbox {
  readonly messages: IncomingMessage[] = [];

  constructor(
    private readonly consumer: Consumer,
    private readonly closing: AbortSignal,
  ) {}

  get keys(): string[] {
    return this.messages.flatMap((message) => message.keys);
  }

  async waitFor(key: string, timeoutMs: number): Promise<IncomingMessage> {
    return eventually(
      () =>
        this.messages.find((message) => message.keys.includes(key)) ??
        Promise.reject(new Error(this.explain(key))),
      { timeoutMs },
    );
  }

  async fill(): Promise<void> {
    while (!this.closing.aborted) {
      const deliveries = await receive(this.consumer).catch(() => []);
      for (const delivery of deliveries) {
        await delivery.acknowledge(TIMEOUT_MS).catch(() => undefined);
        this.messages.push(delivery.message);
      }
      if (deliveries.length === 0) await this.consumer.whenReady(TIMEOUT_MS).catch(() => undefined);
    }
  }

  private explain(key: string): string {
    return `"${key}" was not delivered, only [${this.keys.join(', ')}]`;
  }
}

export function receive(consumer: Consumer, messagesMax = 32): Promise<Delivery[]> {
  return consumer.receive({ messagesMax, awaitMs: 2_000, invisibleMs: INVISIBLE_DURATION_MS });
}

/** The first delivery that comes. */
export async function receiveOne(consumer: Consumer, timeoutMs: number): Promise<Delivery> {
  return eventually(
    async () => (await receive(consumer, 1))[0] ?? Promise.reject(new Error('nothing was delivered')),
    { timeoutMs },
  );
}

export function messageTo(topic: string, key: string, body: Buffer | string = key): OutgoingMessage {
  return { topic, key, body: Buffer.from(body), properties: {} };
}

/** A whole transaction with the given resolution. */
export async function sendAndEnd(
  producer: TransactionalProducer,
  message: OutgoingMessage,
  resolution: 'COMMIT' | 'ROLLBACK',
) {
  const half = await producer.sendHalfMessage(message, TIMEOUT_MS);
  await half.end(resolution, TIMEOUT_MS);
  return half;
}
