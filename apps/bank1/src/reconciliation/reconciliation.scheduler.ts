import { setTimeout as delay } from 'node:timers/promises';
import {
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import { shutdownPhases } from '@txmsg/bank';
import { withDeadline } from 'txmsg/building-blocks';
import { Bank1Settings } from '../bank1-settings.js';
import { ReconciliationService } from './reconciliation.service.js';

/** Runs reconciliation periodically for as long as the bank runs. */
@Injectable()
export class ReconciliationScheduler
  implements OnApplicationBootstrap, OnModuleDestroy, BeforeApplicationShutdown
{
  private readonly logger = new Logger(ReconciliationScheduler.name);
  private readonly stopping = new AbortController();
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly reconciliation: ReconciliationService,
    private readonly settings: Bank1Settings,
  ) {}

  onApplicationBootstrap(): void {
    if (this.settings.reconcileIntervalMs > 0) this.running = this.runUntilStopped();
  }

  onModuleDestroy(): void {
    this.stopping.abort();
  }

  /** A round that hangs is let go of: its transfers are due again, here or elsewhere. */
  async beforeApplicationShutdown(): Promise<void> {
    const { workEndsMs } = shutdownPhases(this.settings);
    await withDeadline(this.running, workEndsMs, () => new Error('late')).catch(() => undefined);
  }

  private async runUntilStopped(): Promise<void> {
    while (await this.pause()) {
      await this.reconciliation.reconcile().catch((error: unknown) => {
        this.logger.warn(`Reconciliation could not run; it is tried again. ${String(error)}`);
      });
    }
  }

  /** False when the bank is stopping. */
  private pause(): Promise<boolean> {
    return delay(this.settings.reconcileIntervalMs, true, { signal: this.stopping.signal }).catch(
      () => false,
    );
  }
}
