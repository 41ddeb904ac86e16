import {
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import { shutdownPhases } from '@txmsg/bank';
import { describeDisagreement } from '@txmsg/bank/audit';
import { BackgroundLoop } from 'txmsg/building-blocks';
import { Bank1Settings } from '../bank1-settings.js';
import { BanksAudit } from './banks.audit.js';

/** How many disagreements the log names; all of them are in the report of the admin call. */
const LOGGED_MAX = 10;
/** The first one comes soon: what the last audit found is forgotten with the process that made it. */
const FIRST_AUDIT_AFTER_MS = 60_000;

/** Audits both banks periodically, where a setting wants it. */
@Injectable()
export class AuditScheduler implements OnApplicationBootstrap, OnModuleDestroy, BeforeApplicationShutdown {
  private readonly logger = new Logger(AuditScheduler.name);
  private readonly loop = new BackgroundLoop();

  constructor(
    private readonly banks: BanksAudit,
    private readonly settings: Bank1Settings,
  ) {}

  onApplicationBootstrap(): void {
    const { auditIntervalMs: intervalMs } = this.settings;
    if (intervalMs === 0) return;
    this.loop.start(
      async () => {
        await this.audit();
        return intervalMs;
      },
      Math.min(intervalMs, FIRST_AUDIT_AFTER_MS),
    );
  }

  onModuleDestroy(): void {
    this.loop.requestStop();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.loop.stop(shutdownPhases(this.settings).workEndsMs);
  }

  private async audit(): Promise<void> {
    try {
      const { agrees, disagreements, money } = await this.banks.run();
      if (agrees) return;
      this.logger.error({
        message: 'the audit found disagreements',
        count: disagreements.count,
        missing: money.missing,
        first: disagreements.listed.slice(0, LOGGED_MAX).map(describeDisagreement),
      });
    } catch (error) {
      if (this.loop.signal.aborted) return;
      this.logger.warn({
        message: 'the audit could not be finished; it is tried again',
        cause: String(error),
      });
    }
  }
}
