import { Logger } from '@nestjs/common';
import { Deadline, type DatabaseTransactions } from 'txmsg';
import { BackgroundLoop } from 'txmsg/building-blocks';
import type { EntityManager } from 'typeorm';
import type { WebhookClock } from '../webhook-clock.js';
import { DELIVERY_STATES } from './delivery.js';

/** Few enough that their locks are held for milliseconds. */
const BATCH_SIZE = 200;
const BATCH_PAUSE_MS = 50;
const BATCH_TIMEOUT_MS = 5000;

/**
 * Deletes what ended longer ago than the retention, with its calls, and secrets that have expired, in the background. What
 * is pending is never deleted, however old. Nothing is deleted while the clocks of the database and of this process
 * disagree. Any number may run at once: locked rows are passed by.
 */
export class DeliveryPurge {
  private readonly logger = new Logger(DeliveryPurge.name);
  private readonly loop = new BackgroundLoop();

  constructor(
    private readonly transactions: Pick<DatabaseTransactions, 'run'>,
    private readonly clock: WebhookClock,
    private readonly settings: { readonly retentionMs: number; readonly retentionIntervalMs: number },
  ) {}

  start(): void {
    this.loop.startAboutEvery(this.settings.retentionIntervalMs, () => this.purge());
  }

  stop(timeoutMs: number): Promise<void> {
    return this.loop.stop(timeoutMs);
  }

  /** One round. Never throws. */
  async purge(): Promise<void> {
    try {
      for (const state of DELIVERY_STATES.filter((one) => one !== 'PENDING')) await this.purgeAll(state);
      await this.run((manager, now) =>
        manager.query('DELETE FROM webhook_secret WHERE expire_time IS NOT NULL AND expire_time <= ?', [now]),
      );
    } catch (error) {
      this.logger.warn({
        message: 'old webhook deliveries could not be deleted; retried in the next round',
        cause: String(error),
      });
    }
  }

  private async purgeAll(state: string): Promise<void> {
    for (let isMore = true; isMore && !this.loop.signal.aborted;) {
      isMore = (await this.run((manager, now) => this.deleteBatch(manager, state, now))) === BATCH_SIZE;
      if (isMore) await this.loop.pause(BATCH_PAUSE_MS);
    }
  }

  private async deleteBatch(manager: EntityManager, state: string, now: Date): Promise<number> {
    const rows = await manager.query<{ id: string }[]>(
      `SELECT id FROM webhook_delivery FORCE INDEX (state_end_time) WHERE state = ? AND end_time < ?
       ORDER BY end_time LIMIT ${BATCH_SIZE} FOR UPDATE SKIP LOCKED`,
      [state, new Date(now.getTime() - this.settings.retentionMs)],
    );
    if (rows.length === 0) return 0;
    const ids = rows.map(({ id }) => id);
    const marks = ids.map(() => '?').join(', ');
    await manager.query(`DELETE FROM webhook_call WHERE delivery_id IN (${marks})`, ids);
    await manager.query(`DELETE FROM webhook_delivery WHERE id IN (${marks})`, ids);
    return rows.length;
  }

  private run<T>(work: (manager: EntityManager, now: Date) => Promise<T>): Promise<T> {
    return this.transactions.run(
      async ({ entityManager }) => {
        const now = await this.clock.checkedNow(entityManager);
        return { decision: 'COMMIT', value: await work(entityManager, now) };
      },
      { deadline: Deadline.in(BATCH_TIMEOUT_MS) },
    );
  }
}
