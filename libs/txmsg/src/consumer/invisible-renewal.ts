import type { Delivery } from '../broker/index.js';

/** How long received messages stay invisible to the group's other consumers, and so the delay that a crash causes. */
export const INVISIBLE_DURATION_MS = 15_000;
const RENEWED_AFTER_MS = INVISIBLE_DURATION_MS / 3;
const CHECK_INTERVAL_MS = RENEWED_AFTER_MS / 5;

/** Keeps messages invisible while they wait or are worked on. */
export class InvisibleRenewal {
  /** For each message, when it is renewed next, by `performance.now`. */
  private readonly dueAtMs = new Map<Delivery, number>();
  private timer: NodeJS.Timeout | undefined;

  keep(deliveries: readonly Delivery[]): void {
    const dueAtMs = performance.now() + RENEWED_AFTER_MS;
    for (const delivery of deliveries) this.dueAtMs.set(delivery, dueAtMs);
    this.timer ??= setInterval(() => {
      this.renewDue();
    }, CHECK_INTERVAL_MS);
  }

  /** Must be called before the delivery is concluded, or when it is no longer waited for. */
  end(deliveries: readonly Delivery[]): void {
    for (const delivery of deliveries) this.dueAtMs.delete(delivery);
    if (this.dueAtMs.size > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private renewDue(): void {
    const nowMs = performance.now();
    for (const [delivery, dueAtMs] of this.dueAtMs) {
      if (dueAtMs > nowMs) continue;
      this.dueAtMs.set(delivery, nowMs + RENEWED_AFTER_MS);
      // When a renewal fails, the broker redelivers the message early, and the barrier finds that it is a duplicate.
      delivery.changeInvisibleDuration(INVISIBLE_DURATION_MS, RENEWED_AFTER_MS).catch(() => undefined);
    }
  }
}
