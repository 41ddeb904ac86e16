import { Logger } from '@nestjs/common';
import { firstSentProperty, type BrokerClients, type Producer } from '../broker/index.js';
import { BackgroundLoop, Deadline, waitAtMost, withDeadline } from '../deadline/index.js';
import type { FaultInjector } from '../faults/index.js';
import { withinCarried } from '../telemetry/index.js';
import type { ClaimedMessage, LocalMessageStore } from './local-message.store.js';

/** How often it looks for due rows without a wake-up: those of another instance, or whose lease has ended. */
const SCAN_INTERVAL_MS = 1000;
/** Published at once; small enough that it takes far less than the lease. */
const BATCH_SIZE = 32;
/** The most rows that may wait here to be published; with more, new ones are left to the next claim. */
const HANDED_OVER_MAX = 256;
/** How long published rows wait to be marked together. A crash meanwhile publishes them twice. */
const MARK_DELAY_MS = 50;
const PUBLISH_TIMEOUT_MS = 5000;
/** Less than the lease: a batch that hangs is no longer waited for, and its rows are due again when their lease ends. */
const BATCH_LIMIT_MS = 20_000;
const BACK_OFF_MAX_MS = 30_000;

/** In ms. */
interface RelayTimes {
  /** How long rows that were handed over wait for others. @default 0 */
  readonly gatherMs?: number;
  readonly scanIntervalMs?: number;
}

/**
 * Publishes the outbox: rows that this process has inserted, as soon as their transaction has ended, and due rows, which it
 * claims. Any number of relays may run, in any number of processes. When a relay crashes between sending and marking, its
 * messages are published twice, and none is lost.
 */
export class OutboxRelay {
  private readonly logger = new Logger(OutboxRelay.name);
  private readonly producers = new Map<string, Producer>();
  private readonly loop = new BackgroundLoop();
  /** Ids of rows whose transaction has ended. */
  private readonly handedOver: string[] = [];
  private published: ClaimedMessage[] = [];
  /** By `performance.now`. */
  private publishAtMs = 0;
  private markAtMs = 0;
  private claimAtMs = 0;
  private readonly gatherMs: number;
  private readonly scanIntervalMs: number;

  constructor(
    readonly topics: readonly string[],
    private readonly store: LocalMessageStore,
    private readonly clients: BrokerClients,
    private readonly faults: FaultInjector,
    { gatherMs = 0, scanIntervalMs = SCAN_INTERVAL_MS }: RelayTimes = {},
  ) {
    this.gatherMs = gatherMs;
    this.scanIntervalMs = scanIntervalMs;
  }

  start(): void {
    if (this.topics.length === 0) return;
    for (const topic of this.topics) {
      const producer = this.clients.producer(topic);
      producer.start();
      this.producers.set(topic, producer);
    }
    this.loop.start(() => this.relayRound());
  }

  /** Makes the relay look for due rows now instead of at the next interval. */
  wake(): void {
    this.claimAtMs = 0;
    this.loop.wake();
  }

  /** Whether rows of the topic may be handed over now: it can publish them, and not too many wait already. */
  takes(topic: string): boolean {
    if (this.loop.signal.aborted || this.handedOver.length >= HANDED_OVER_MAX) return false;
    return this.producers.get(topic)?.isReady() === true;
  }

  /** Publishes rows that the store has inserted for this, once their transaction has ended; those that are not there are left out. */
  handOver(ids: readonly string[]): void {
    const isFirst = this.handedOver.length === 0;
    if (isFirst) this.publishAtMs = performance.now() + this.gatherMs;
    this.handedOver.push(...ids);
    // Nothing changes for rows that join others while those still gather.
    if (isFirst || this.handedOver.length >= BATCH_SIZE || performance.now() >= this.publishAtMs)
      this.loop.wake();
  }

  /**
   * Publishes what was handed over, within `timeoutMs`; what is left is published after the next start, or by other
   * instances.
   */
  async stop(timeoutMs: number): Promise<void> {
    const deadline = Deadline.in(timeoutMs);
    await this.loop.stop(timeoutMs);
    if (this.producers.size > 0) await waitAtMost(this.finish(deadline), deadline.remainingMs());
    await Promise.all([...this.producers.values()].map((producer) => producer.close(2000)));
  }

  private async finish(deadline: Deadline): Promise<void> {
    while (this.handedOver.length > 0 && !deadline.hasPassed()) await this.relayHandedOver();
    await this.markPublished();
  }

  /** Answers with the pause before the next round. Never throws, and always ends. */
  private async relayRound(): Promise<number> {
    try {
      const late = (): Error => new Error(`not relayed within ${BATCH_LIMIT_MS} ms`);
      await withDeadline(this.relayAll(), BATCH_LIMIT_MS, late);
    } catch (error) {
      this.logger.warn({
        message: 'the outbox could not be relayed; it is retried',
        cause: String(error),
      });
      return this.scanIntervalMs;
    }
    const nextAtMs = Math.min(
      this.claimAtMs,
      this.published.length > 0 ? this.markAtMs : Infinity,
      this.handedOver.length > 0 ? this.publishAtMs : Infinity,
    );
    return Math.max(0, nextAtMs - performance.now());
  }

  private async relayAll(): Promise<void> {
    if (performance.now() >= this.publishAtMs || this.handedOver.length >= BATCH_SIZE)
      await this.relayHandedOver();
    if (performance.now() >= this.claimAtMs) await this.relayDue();
    if (performance.now() >= this.markAtMs || this.published.length >= BATCH_SIZE) await this.markPublished();
  }

  private async relayHandedOver(): Promise<void> {
    const ids = this.handedOver.splice(0, BATCH_SIZE);
    if (ids.length > 0) await this.publishAll(await this.readHandedOver(ids));
  }

  /** When the database does not answer, they keep their place: otherwise they would wait for the end of their lease. */
  private async readHandedOver(ids: readonly string[]): Promise<ClaimedMessage[]> {
    try {
      return await this.store.readHandedOver(ids);
    } catch (error) {
      this.handedOver.unshift(...ids);
      throw error;
    }
  }

  private async relayDue(): Promise<void> {
    this.claimAtMs = performance.now() + this.scanIntervalMs;
    const hasPublished = await this.publishAll(await this.store.claim(this.readyTopics(), BATCH_SIZE));
    // There may be more at once.
    if (hasPublished) this.claimAtMs = 0;
  }

  /** True when any was published. */
  private async publishAll(messages: readonly ClaimedMessage[]): Promise<boolean> {
    await Promise.all(messages.map(({ txNo }) => this.faults.at('outbox.claimed', { txNo })));
    const sent = await Promise.all(messages.map((message) => this.publish(message)));
    const published = messages.filter((_message, index) => sent[index]);
    if (this.published.length === 0) this.markAtMs = performance.now() + MARK_DELAY_MS;
    this.published.push(...published);
    return published.length > 0;
  }

  private async markPublished(): Promise<void> {
    const published = this.published;
    if (published.length === 0) return;
    this.published = [];
    await this.store.markPublished(published);
    await Promise.all(published.map(({ txNo }) => this.faults.at('outbox.marked', { txNo })));
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

  private async send({ topic, txNo, body, properties, firstSentAtMs }: ClaimedMessage): Promise<void> {
    await this.faults.at('outbox.before-publish', { txNo });
    const message = { topic, key: txNo, body, properties: firstSentProperty(firstSentAtMs) };
    await withinCarried(properties, async () => {
      await this.producers.get(topic)?.send(message, PUBLISH_TIMEOUT_MS);
    });
    await this.faults.at('outbox.published', { txNo });
  }
}
