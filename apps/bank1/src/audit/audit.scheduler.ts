import { Injectable } from '@nestjs/common';
import { describeDisagreement } from '@txmsg/bank/audit';
import { PeriodicWork } from '@txmsg/service';
import { Bank1Settings } from '../bank1-settings.js';
import { BanksAudit } from './banks.audit.js';

/** How many disagreements the log names; all of them are in the report of the admin call. */
const LOGGED_MAX = 10;
/** The first one comes soon: what the last audit found is forgotten with the process that made it. */
const FIRST_AUDIT_AFTER_MS = 60_000;

/** Audits both banks periodically, where a setting wants it. */
@Injectable()
export class AuditScheduler extends PeriodicWork {
  constructor(
    private readonly banks: BanksAudit,
    settings: Bank1Settings,
  ) {
    const { auditIntervalMs: intervalMs } = settings;
    super({ intervalMs, firstAfterMs: Math.min(intervalMs, FIRST_AUDIT_AFTER_MS) }, settings);
  }

  protected async round(): Promise<void> {
    const { agrees, disagreements, money } = await this.banks.run();
    if (agrees) return;
    this.logger.error({
      message: 'the audit found disagreements',
      count: disagreements.count,
      missing: money.missing,
      first: disagreements.listed.slice(0, LOGGED_MAX).map(describeDisagreement),
    });
  }

  protected roundFailed(error: unknown): void {
    if (this.isStopping) return;
    this.logger.warn({ message: 'the audit could not be finished; it is tried again', cause: String(error) });
  }
}
