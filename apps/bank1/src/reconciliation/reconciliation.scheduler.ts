import {
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import { shutdownPhases } from '@txmsg/bank';
import { BackgroundLoop } from 'txmsg/building-blocks';
import { Bank1Settings } from '../bank1-settings.js';
import { ReconciliationService } from './reconciliation.service.js';

/** Runs reconciliation periodically for as long as the bank runs. */
@Injectable()
export class ReconciliationScheduler
  implements OnApplicationBootstrap, OnModuleDestroy, BeforeApplicationShutdown
{
  private readonly logger = new Logger(ReconciliationScheduler.name);
  private readonly loop = new BackgroundLoop();

  constructor(
    private readonly reconciliation: ReconciliationService,
    private readonly settings: Bank1Settings,
  ) {}

  onApplicationBootstrap(): void {
    const { reconcileIntervalMs: intervalMs } = this.settings;
    if (intervalMs === 0) return;
    this.loop.start(async () => {
      await this.reconcile();
      return intervalMs;
    }, intervalMs);
  }

  onModuleDestroy(): void {
    this.loop.requestStop();
  }

  /** A round that hangs is not waited for: its transfers become due again, here or at another instance. */
  async beforeApplicationShutdown(): Promise<void> {
    const { workEndsMs } = shutdownPhases(this.settings);
    await this.loop.stop(workEndsMs);
  }

  private async reconcile(): Promise<void> {
    await this.reconciliation.reconcile().catch((error: unknown) => {
      this.logger.warn(`Reconciliation could not run; it is tried again. ${String(error)}`);
    });
  }
}
