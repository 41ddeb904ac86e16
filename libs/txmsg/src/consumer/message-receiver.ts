import { Logger } from '@nestjs/common';
import type { Consumer, Delivery } from '../broker/index.js';
import { BackgroundLoop, withDeadline } from '../deadline/index.js';
import type { DeliveryConcluder } from './delivery.concluder.js';
import { INVISIBLE_DURATION_MS, type InvisibleRenewal } from './invisible-renewal.js';
import type { RegisteredMessageListener } from './message-listener.registry.js';
import type { MessageWorker } from './message-worker.js';
import { retryDelayMs } from './retry-policy.js';

/** How long the broker may hold a request open while there is nothing to deliver. */
const AWAIT_MS = 15_000;
/** The most messages that one request asks for. */
const RECEIVE_MAX = 32;

/**
 * Receives the messages of one listener and hands them to the worker. As many transactions as `concurrency` run at once;
 * what arrives meanwhile waits, and the next transaction takes as much of it as the batch size is at present. No more
 * messages are held than those transactions and one more can take.
 */
export class MessageReceiver {
  private readonly logger = new Logger(MessageReceiver.name);
  private readonly working = new Set<Promise<void>>();
  /** How many batches have transactions under way; what is worked on beside that is being concluded. */
  private consuming = 0;
  /** Received, and not yet handed to the worker. */
  private readonly waiting: Delivery[] = [];
  /** Received, and not yet concluded. */
  private held = 0;
  private readonly loop = new BackgroundLoop();
  private wake: () => void = () => undefined;
  /** Consecutive failures of the database or the broker. */
  private failures = 0;

  constructor(
    private readonly listener: RegisteredMessageListener,
    private readonly consumer: Consumer,
    private readonly worker: MessageWorker,
    private readonly renewal: InvisibleRenewal,
    private readonly concluder: DeliveryConcluder,
  ) {}

  start(): void {
    this.consumer.start();
    this.loop.start(() => this.receiveRound());
  }

  /** Takes no more messages, lets running handlers finish within `timeoutMs`, and closes the consumer. */
  async stop(timeoutMs: number): Promise<void> {
    this.loop.requestStop();
    this.wake();
    const waiting = this.waiting.splice(0);
    this.held -= waiting.length;
    const drained = Promise.all([...this.working, this.giveBack(waiting)]);
    await withDeadline(drained, timeoutMs, () => new Error('still working')).catch(() => {
      this.logger.warn(
        `${this.held} messages of ${this.listener.consumerGroup} were still being handled at shutdown; the broker redelivers them`,
      );
    });
    await this.consumer.close(2000);
  }

  private async giveBack(deliveries: readonly Delivery[]): Promise<void> {
    this.renewal.end(deliveries);
    await Promise.all(deliveries.map((delivery) => this.concluder.giveBack(delivery)));
  }

  /**
   * One batch more than can run: it waits meanwhile, because a batch is full only when enough is there for it. A message
   * that is to run alone is better left to other instances.
   */
  private get capacity(): number {
    const { concurrency, handlers } = this.listener;
    const { now } = handlers.batchSize;
    return now === 1 ? concurrency : (concurrency + 1) * now;
  }

  /** @returns the pause before the next round, in ms */
  private async receiveRound(): Promise<number> {
    const { capacity } = this;
    if (this.held >= capacity) {
      await new Promise<void>((resolve) => (this.wake = resolve));
      return 0;
    }
    if (this.failures > 0) await this.loop.pause(retryDelayMs('INFRASTRUCTURE', this.failures));
    const messagesMax = Math.min(RECEIVE_MAX, capacity - this.held);
    const received = await this.receiveOnce(messagesMax);
    return received > 0 && received < messagesMax ? this.listener.gatherMs : 0;
  }

  /** @returns how many messages came */
  private async receiveOnce(messagesMax: number): Promise<number> {
    try {
      await this.consumer.whenReady(AWAIT_MS);
      const { bodyBytesMax } = this.listener.limits;
      const request = { messagesMax, awaitMs: AWAIT_MS, invisibleMs: INVISIBLE_DURATION_MS, bodyBytesMax };
      const deliveries = await this.consumer.receive(request);
      if (this.loop.signal.aborted) {
        await this.giveBack(deliveries);
        return 0;
      }
      if (deliveries.length === 0) this.failures = 0;
      this.held += deliveries.length;
      this.renewal.keep(deliveries);
      this.waiting.push(...deliveries);
      this.startNext();
      return deliveries.length;
    } catch (error) {
      if (this.loop.signal.aborted) return 0;
      this.failures += 1;
      this.logger.warn({
        message: 'receiving failed; it is retried',
        topic: this.listener.topic,
        consumerGroup: this.listener.consumerGroup,
        cause: String(error),
      });
      return 0;
    }
  }

  private startNext(): void {
    const { concurrency, handlers } = this.listener;
    while (this.consuming < concurrency && this.waiting.length > 0) {
      this.dispatch(this.waiting.splice(0, handlers.batchSize.now));
    }
  }

  private dispatch(batch: readonly Delivery[]): void {
    this.consuming += 1;
    let isConsuming = true;
    const endConsuming = (): void => {
      if (!isConsuming) return;
      isConsuming = false;
      this.consuming -= 1;
      this.startNext();
    };
    const working = this.worker.work(batch, endConsuming).then((hasInfrastructureFailed) => {
      this.failures = hasInfrastructureFailed ? this.failures + 1 : 0;
    });
    const tracked = working.finally(() => {
      this.held -= batch.length;
      this.working.delete(tracked);
      endConsuming();
      this.wake();
    });
    this.working.add(tracked);
  }
}
