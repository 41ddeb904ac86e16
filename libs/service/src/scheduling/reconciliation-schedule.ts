import type { ServiceSettings } from '../configuration/service-settings.js';
import { PeriodicWork } from './periodic-work.js';

/** Runs reconciliation periodically. What a round hangs at becomes due again, here or at another instance. */
export abstract class ReconciliationSchedule extends PeriodicWork {
  protected constructor(
    private readonly reconciliation: { reconcile(): Promise<unknown> },
    /** The pause after each round, in ms; 0: there are no rounds. */
    intervalMs: number,
    settings: ServiceSettings,
  ) {
    super({ intervalMs }, settings);
  }

  protected async round(): Promise<void> {
    await this.reconciliation.reconcile();
  }

  protected roundFailed(error: unknown): void {
    this.logger.warn(`Reconciliation could not run; it is tried again. ${String(error)}`);
  }
}
