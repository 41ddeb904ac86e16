import type { IncomingMessage } from '../broker/index.js';

/** A message in a group's queue. A receipt names one invisible duration of it; a change of the duration makes another receipt. */
export interface QueuedMessage {
  readonly message: IncomingMessage;
  deliveryAttempt: number;
  invisibleUntilMs: number;
  receipt: number;
}

/** What one consumer group has still to consume. */
export class InMemoryGroup {
  private readonly queue = new Set<QueuedMessage>();
  private readonly watchers = new Set<() => void>();

  get isEmpty(): boolean {
    return this.queue.size === 0;
  }

  add(message: IncomingMessage): void {
    this.queue.add({ message, deliveryAttempt: 0, invisibleUntilMs: 0, receipt: 0 });
    this.notify();
  }

  /** Hands out up to `messagesMax` visible messages, which are invisible from then on. */
  take(messagesMax: number, invisibleMs: number): QueuedMessage[] {
    const now = performance.now();
    const visible = [...this.queue].filter((queued) => queued.invisibleUntilMs <= now).slice(0, messagesMax);
    for (const queued of visible) {
      queued.deliveryAttempt += 1;
      queued.receipt += 1;
      queued.invisibleUntilMs = now + invisibleMs;
    }
    return visible;
  }

  /** Whether `receipt` was still the newest one, and the message is gone. */
  acknowledge(queued: QueuedMessage, receipt: number): boolean {
    return this.holds(queued, receipt) && this.queue.delete(queued);
  }

  changeInvisibleDuration(queued: QueuedMessage, receipt: number, durationMs: number): boolean {
    if (!this.holds(queued, receipt)) return false;
    queued.invisibleUntilMs = performance.now() + durationMs;
    this.notify();
    return true;
  }

  /** Ms until the next message becomes visible; undefined when there is none. */
  nextVisibleInMs(): number | undefined {
    const moments = [...this.queue].map((queued) => queued.invisibleUntilMs);
    return moments.length === 0 ? undefined : Math.max(0, Math.min(...moments) - performance.now());
  }

  /** Calls `watcher` when something may have become visible; returns what ends that. */
  watch(watcher: () => void): () => void {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  }

  private holds(queued: QueuedMessage, receipt: number): boolean {
    return queued.receipt === receipt && queued.invisibleUntilMs > performance.now();
  }

  private notify(): void {
    for (const watcher of this.watchers) watcher();
  }
}
