import { Injectable } from '@nestjs/common';
import { metrics } from '@opentelemetry/api';
import { Readings, type Observation } from '@txmsg/bank';
import type { AuditReport } from '@txmsg/bank/audit';
import { Bank1Settings } from '../bank1-settings.js';

const DISAGREEMENTS = 'bank.audit.disagreements';
const DIFFERENCE = 'bank.audit.difference';
const AGE = 'bank.audit.age';
const FINISHED_AT = 'bank.audit.finished_at';

type Gauge = typeof DISAGREEMENTS | typeof DIFFERENCE | typeof AGE | typeof FINISHED_AT;

/** What is known from the last audit of this process, whoever asked for it. */
@Injectable()
export class AuditMetrics {
  private readonly failures = metrics.getMeter('bank').createCounter('bank.audit.failed', {
    description: 'Audits that could not be finished.',
    unit: '{audit}',
  });
  private last: (Pick<AuditReport, 'disagreements' | 'money'> & { readonly atMs: number }) | undefined;
  /** Before the first audit: since this process started, so that audits which never succeed are noticed too. */
  private ageSinceMs = performance.now();

  constructor(
    private readonly settings: Bank1Settings,
    readings: Readings,
  ) {
    this.failures.add(0);
    readings.observe({
      name: 'audit',
      gauges: {
        [DISAGREEMENTS]: { description: 'What the last audit found.', unit: '{disagreement}' },
        [DIFFERENCE]: {
          description: 'Money that the last audit did not find where it belongs.',
          unit: '{currency}',
        },
        [FINISHED_AT]: {
          description: 'When that was, as Unix time: of several instances, the newest audit counts.',
          unit: 's',
        },
        [AGE]: { description: 'Since the last audit that could be finished.', unit: 's' },
      },
      read: () => Promise.resolve(this.observations()),
    });
  }

  finished({ disagreements, money }: AuditReport): void {
    this.last = { disagreements, money, atMs: Date.now() };
    this.ageSinceMs = performance.now();
  }

  failed(): void {
    this.failures.add(1);
  }

  private observations(): Observation<Gauge>[] {
    // Who audits on demand only has no audit that could be overdue.
    const age =
      this.settings.auditIntervalMs > 0
        ? [{ gauge: AGE, value: (performance.now() - this.ageSinceMs) / 1000 } as const]
        : [];
    if (this.last === undefined) return age;
    const { disagreements, money, atMs } = this.last;
    return [
      ...age,
      { gauge: FINISHED_AT, value: atMs / 1000 },
      { gauge: DISAGREEMENTS, value: disagreements.count },
      // A gauge is a number; nobody computes with it. What is exact stands in the audit's report.
      { gauge: DIFFERENCE, value: Number(money.missing) },
    ];
  }
}
