import { Injectable } from '@nestjs/common';
import { PeriodicWork } from '@txmsg/service';
import { TradingSettings } from '../trading-settings.js';
import { ReconciliationService } from './reconciliation.service.js';

/** Runs reconciliation periodically. A project whose round hangs becomes due again, here or at another instance. */
@Injectable()
export class ReconciliationScheduler extends PeriodicWork {
  constructor(
    private readonly reconciliation: ReconciliationService,
    settings: TradingSettings,
  ) {
    super({ intervalMs: settings.reconcileIntervalMs }, settings);
  }

  protected async round(): Promise<void> {
    await this.reconciliation.reconcile();
  }

  protected roundFailed(error: unknown): void {
    this.logger.warn(`Reconciliation could not run; it is tried again. ${String(error)}`);
  }
}
