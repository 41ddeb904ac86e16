import {
  BrokerTransport,
  type CheckBackAnswer,
  type CheckBackHandler,
  type Consumer,
  type Producer,
  type TransactionalProducer,
} from '../broker/index.js';
import { InMemoryConsumer } from './in-memory-consumer.js';
import { InMemoryFaults } from './in-memory-faults.js';
import { InMemoryProducer, InMemoryTransactionalProducer } from './in-memory-producers.js';
import { InMemoryTopic, type StoredHalfMessage } from './in-memory-topic.js';

/** How the broker in memory behaves. */
export interface InMemoryBrokerOptions {
  /** Checks back on open half messages by itself, every so many ms. @default never: only `runCheckBacks()` asks */
  readonly checkIntervalMs?: number;
  /** The minimum invisible duration of received messages, in ms; smaller values are refused. @default 10 000 */
  readonly invisibleMsMin?: number;
}

/**
 * A message broker in memory that behaves as RocketMQ was measured to behave, the unpleasant parts included:
 * COMMIT after ROLLBACK delivers, a repeated COMMIT delivers again, every transactional producer of a topic may be
 * asked about every half message of it. `faults` loses things and takes the broker away. Whatever is stored lives
 * as long as this object; clients come and go, as processes do.
 */
export class InMemoryBroker extends BrokerTransport {
  /** Takes the broker away, and loses what a real one may lose. */
  readonly faults = new InMemoryFaults();
  private readonly topics = new Map<string, InMemoryTopic>();
  private readonly checking: NodeJS.Timeout | undefined;

  constructor(private readonly options: InMemoryBrokerOptions = {}) {
    super();
    if (options.checkIntervalMs !== undefined) {
      this.checking = setInterval(() => void this.runCheckBacks(), options.checkIntervalMs).unref();
    }
  }

  override createTransactionalProducer(topic: string, checkBack: CheckBackHandler): TransactionalProducer {
    return new InMemoryTransactionalProducer(this.topic(topic, 'TRANSACTION'), this.faults, checkBack);
  }

  override createProducer(topic: string): Producer {
    return new InMemoryProducer(this.topic(topic), this.faults);
  }

  override createConsumer(topic: string, consumerGroup: string): Consumer {
    const group = this.topic(topic).group(consumerGroup);
    return new InMemoryConsumer(this.topic(topic), group, this.faults, this.options.invisibleMsMin ?? 10_000);
  }

  /**
   * Asks once about every half message without a resolution, each time a live producer chosen at random, and applies
   * the answers. Asks nobody while the broker is down.
   */
  async runCheckBacks(): Promise<CheckBackAnswer[]> {
    if (!this.faults.isUp) return [];
    const answers = [...this.topics.values()].map((topic) =>
      topic.runCheckBacks(() => this.faults.strikes('CHECK_BACK_ANSWER')),
    );
    return (await Promise.all(answers)).flat();
  }

  /** Every half message that was ever stored, with what became of it. */
  halfMessages(topic: string): readonly StoredHalfMessage[] {
    return this.topic(topic).halfMessages;
  }

  /** Whether the group has acknowledged every message of the topic. */
  isIdle(topic: string, consumerGroup: string): boolean {
    return this.topic(topic).group(consumerGroup).isEmpty;
  }

  /** Stops asking by itself. */
  close(): void {
    clearInterval(this.checking);
  }

  private topic(name: string, type: 'TRANSACTION' | 'NORMAL' = 'NORMAL'): InMemoryTopic {
    const topic = this.topics.get(name) ?? new InMemoryTopic(name);
    this.topics.set(name, topic);
    if (type === 'TRANSACTION') topic.isTransactional = true;
    return topic;
  }
}
