import { beforeAll, describe, expect, it } from '@jest/globals';
import { Readings, startTelemetry, type Telemetry } from '@txmsg/bank';
import type { AuditReport } from '@txmsg/bank/audit';
import type { Bank1Settings } from '../bank1-settings.js';
import { AuditMetrics } from './audit.metrics.js';

const REPORT = {
  disagreements: { count: 2, listed: [] },
  money: { missing: '-0.01' },
} as unknown as AuditReport;

describe('the metrics of the audit', () => {
  let telemetry: Telemetry;

  beforeAll(async () => {
    telemetry = await startTelemetry({ serviceName: 'bank1', hasMetrics: true, environment: {} });
  });

  /** What is told about audits, times apart, which are not the same twice. */
  const told = async (): Promise<string[]> =>
    ((await telemetry.metrics?.text()) ?? '')
      .split('\n')
      .filter((line) => line.startsWith('bank_audit_'))
      .map((line) => line.replace(/^(bank_audit_age|bank_audit_finished_at) .*/, '$1'))
      .sort();

  it.each([
    ['that nobody has asked for are none', 0, ['bank_audit_failed_total 0']],
    [
      'that are scheduled have an age before the first',
      1000,
      ['bank_audit_age', 'bank_audit_failed_total 0'],
    ],
  ])('%s', async (_what, auditIntervalMs, expected) => {
    const readings = new Readings();
    new AuditMetrics({ auditIntervalMs } as Bank1Settings, readings);
    readings.onApplicationBootstrap();
    expect(await told()).toEqual(expected);
    readings.onModuleDestroy();
  });

  it('tell what the last one found, and which could not be finished', async () => {
    const readings = new Readings();
    const metrics = new AuditMetrics({ auditIntervalMs: 0 } as Bank1Settings, readings);
    readings.onApplicationBootstrap();
    metrics.finished(REPORT);
    metrics.failed();
    // Nobody has scheduled the next one, so the age of this one is no news.
    expect(await told()).toEqual([
      'bank_audit_difference -0.01',
      'bank_audit_disagreements 2',
      'bank_audit_failed_total 1',
      'bank_audit_finished_at',
    ]);
    readings.onModuleDestroy();
  });
});
