import { setTimeout as delay } from 'node:timers/promises';
import {
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { Bank1Settings } from '../bank1-settings.js';
import { ReconciliationService } from './reconciliation.service.js';

/** Runs reconciliation periodically for as long as the bank runs. */
@Injectable()
export class ReconciliationScheduler implements OnApplicationBootstrap, BeforeApplicationShutdown {
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

  async beforeApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    await this.running;
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
