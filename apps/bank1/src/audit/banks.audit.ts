import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import {
  auditInTurn,
  openMysqlBooks,
  type AuditReport,
  type BankName,
  type OpenBooks,
} from '@txmsg/bank/audit';
import { Bank1Settings } from '../bank1-settings.js';
import { AuditMetrics } from './audit.metrics.js';
import { openBank2Books } from './bank2-books.js';

/** Both banks' books compared: this bank's from its database, bank2's through bank2's admin call. */
@Injectable()
export class BanksAudit implements OnModuleDestroy {
  private readonly stopping = new AbortController();

  constructor(
    private readonly settings: Bank1Settings,
    private readonly metrics: AuditMetrics,
  ) {}

  /** @throws AuditUnreadableError */
  async run(): Promise<AuditReport> {
    const { foreignSenders } = this.settings;
    try {
      const report = await auditInTurn((bank) => this.open(bank), { foreignSenders });
      this.metrics.finished(report);
      return report;
    } catch (error) {
      // One that a shutdown cuts off says nothing about the banks.
      if (!this.stopping.signal.aborted) this.metrics.failed();
      throw error;
    }
  }

  /** A shutdown does not wait for an audit, which may take long. */
  onModuleDestroy(): void {
    this.stopping.abort();
  }

  private open(bank: BankName): Promise<OpenBooks> {
    if (bank === 'bank1') return openMysqlBooks(bank, this.settings.mysqlUrl);
    return openBank2Books(this.settings, undefined, this.stopping.signal);
  }
}
