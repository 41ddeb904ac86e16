import { Logger } from '@nestjs/common';
import type { BrokerClients, Producer } from '../broker/index.js';
import { BackgroundLoop, withDeadline } from '../deadline/index.js';
import type { FaultInjector } from '../faults/index.js';
import type { ClaimedMessage, LocalMessageStore } from './local-message.store.js';

/** How often it looks without a wake-up: for rows of another instance, or whose lease has ended. */
const SCAN_INTERVAL_MS = 1000;
/** Claimed at once; small enough that publishing them takes far less than the lease. */
const BATCH_SIZE = 32;
const PUBLISH_TIMEOUT_MS = 5000;
/** Less than the lease: a batch that hangs is no longer waited for, and its rows are due again when their lease ends. */
const BATCH_LIMIT_MS = 20_000;
const BACK_OFF_MAX_MS = 30_000;

/**
 * Publishes the outbox: claims due rows, sends them, marks them. Any number of relays may run, in any number of
 * processes. When a relay crashes between sending and marking, its messages are published twice, and none is lost.
 */
export class OutboxRelay {
  private readonly logger = new Logger(OutboxRelay.name);
  private readonly producers = new Map<string, Producer>();
  private readonly loop = new BackgroundLoop();

  constructor(
    readonly topics: readonly string[],
    private readonly store: LocalMessageStore,
    private readonly clients: BrokerClients,
    private readonly faults: FaultInjector,
    private readonly scanIntervalMs = SCAN_INTERVAL_MS,
  ) {}

  start(): void {
    if (this.topics.length === 0) return;
    for (const topic of this.topics) {
      const producer = this.clients.producer(topic);
      producer.start();
      this.producers.set(topic, producer);
    }
    this.loop.start(async () => ((await this.relayBatch()) ? 0 : this.scanIntervalMs));
  }

  /** Makes the relay look for due rows now instead of at the next interval. */
  wake(): void {
    this.loop.wake();
  }

  /** Finishes the current batch within `timeoutMs`; what is left is published after the next start, or by other instances. */
  async stop(timeoutMs: number): Promise<void> {
    await this.loop.stop(timeoutMs);
    await Promise.all([...this.producers.values()].map((producer) => producer.close(2000)));
  }

  /** True when there may be more at once. Never throws, and always ends. */
  private async relayBatch(): Promise<boolean> {
    try {
      const late = (): Error => new Error(`not relayed within ${BATCH_LIMIT_MS} ms`);
      return await withDeadline(this.relayDue(), BATCH_LIMIT_MS, late);
    } catch (error) {
      this.logger.warn({
        message: 'the outbox could not be relayed; it is retried',
        cause: String(error),
      });
      return false;
    }
  }

  private async relayDue(): Promise<boolean> {
    const messages = await this.store.claim(this.readyTopics(), BATCH_SIZE);
    if (messages.length === 0) return false;
    await Promise.all(messages.map(({ txNo }) => this.faults.at('outbox.claimed', { txNo })));
    const sent = await Promise.all(messages.map((message) => this.publish(message)));
    const published = messages.filter((_message, index) => sent[index]);
    await this.store.markPublished(published);
    await Promise.all(published.map(({ txNo }) => this.faults.at('outbox.marked', { txNo })));
    return published.length > 0;
  }

  /** Rows of a topic whose producer is away keep their place and their attempts. */
  private readyTopics(): string[] {
    return [...this.producers].filter(([, producer]) => producer.isReady()).map(([topic]) => topic);
  }

  /** False when the broker did not confirm it: then the row becomes due again. */
  private async publish(message: ClaimedMessage): Promise<boolean> {
    const { topic, txNo, attempts } = message;
    try {
      // A message that hangs must not keep the others of its batch from being marked.
      await withDeadline(
        this.send(message),
        PUBLISH_TIMEOUT_MS + 1000,
        () => new Error('the broker did not confirm it in time'),
      );
      return true;
    } catch (error) {
      const delayMs = Math.min(BACK_OFF_MAX_MS, 500 * 2 ** Math.min(attempts - 1, 10));
      this.logger.warn({
        message: `publishing failed ${attempts} times; retried in ${delayMs} ms`,
        txNo,
        topic,
        cause: String(error),
      });
      // When this fails too, the lease's end makes the row due.
      await this.store.postpone(message, delayMs).catch(() => undefined);
      return false;
    }
  }

  private async send({ topic, txNo, body }: ClaimedMessage): Promise<void> {
    await this.faults.at('outbox.before-publish', { txNo });
    await this.producers.get(topic)?.send({ topic, key: txNo, body, properties: {} }, PUBLISH_TIMEOUT_MS);
    await this.faults.at('outbox.published', { txNo });
  }
}
