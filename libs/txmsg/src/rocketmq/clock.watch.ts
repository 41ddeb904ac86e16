import type { TransportLogger } from '../options/rocketmq.options.js';

/** Clocks that are kept by NTP differ by far less. */
const TOLERANCE_MS = 5_000;
const REPEAT_MS = 3_600_000;

/** What a message says about clocks, in ms since the epoch; undefined where it carries no such time. */
export interface StoredTimes {
  readonly messageId: string;
  readonly bornHost: string;
  /** By the sender's clock. */
  readonly bornAtMs: number | undefined;
  /** By the broker's clock. */
  readonly storedAtMs: number | undefined;
}

/**
 * Warns when a clock is off, as far as a message proves it: nothing is stored before it was born, and nothing
 * arrives before it was stored. The broker times the first check-back by the sender's clock: a half message from
 * the future is asked about at once, while its local transaction runs (which is safe, but fences it), and one that
 * seems 72 h old is discarded. Neither protocol offers a clock of the broker's to look at beforehand.
 * Tests: clock.watch.spec.ts.
 */
export class ClockWatch {
  private quietUntil = 0;

  constructor(private readonly logger: TransportLogger) {}

  observe({ messageId, bornHost, bornAtMs, storedAtMs: storedAt }: StoredTimes, now = Date.now()): void {
    if (storedAt === undefined || now < this.quietUntil) return;
    const sendersLead = (bornAtMs ?? storedAt) - storedAt;
    const ourLag = storedAt - now;
    if (sendersLead > TOLERANCE_MS) {
      const sender = `the sender of message ${messageId} (${bornHost})`;
      this.warn(`The clock of ${sender} is ${sendersLead} ms ahead of the broker's`, now);
    } else if (ourLag > TOLERANCE_MS) {
      this.warn(`This machine's clock is at least ${ourLag} ms behind the broker's`, now);
    }
  }

  private warn(finding: string, now: number): void {
    this.quietUntil = now + REPEAT_MS;
    this.logger.warn(`${finding}; check-backs are timed by both. Synchronise the clocks.`);
  }
}
