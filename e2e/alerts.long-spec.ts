import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from 'txmsg/testing';
import { alertNames } from '../tools/observability/ops-files.js';
import { ensurePrometheus } from '../tools/observability/prometheus-preconditions.js';
import { Admin, ADMIN_SETTINGS } from './kit/admin.js';
import type { ServiceProcess } from './kit/service-process.js';
import { call, transfer } from './kit/http.js';
import { MetricsEndpoint } from './kit/metrics-endpoint.js';
import { Prometheus } from './kit/prometheus.js';
import { TestBanks } from './kit/test-banks.js';

const TOKEN = 'the-metrics-token-of-the-tests';
const METRICS = { METRICS_ENABLED: 'true', METRICS_TOKEN: TOKEN };

beforeAll(() => ensurePrometheus(() => undefined), 900_000);

describe('every alert, on a real Prometheus that reads what a test tells', () => {
  let endpoint: MetricsEndpoint;
  let prometheus: Prometheus;
  let isIll = false;
  let scrapes = 0;
  let illScrapes = 0;

  /** What bank1 tells, well or ill. */
  const samples = (): string => {
    scrapes += 1;
    if (isIll) illScrapes += 1;
    return [
      `bank_transfers_oldest_open_age ${isIll ? 700 : 0}`,
      `service_orders_oldest_open_age ${isIll ? 700 : 0}`,
      `bank_top_ups_oldest_open_age ${isIll ? 90_000 : 0}`,
      `service_custody_requests_oldest_open_age ${isIll ? 3700 : 0}`,
      `seata_undo_logs_oldest_open_age ${isIll ? 700 : 0}`,
      `seata_branches_total{seata_phase="rollback",seata_answer="NEVER"} ${illScrapes}`,
      `service_notifications_oldest_open_age ${isIll ? 90_000 : 0}`,
      `service_notifications_given_up ${illScrapes}`,
      `txmsg_jobs{txmsg_job_kind="k",txmsg_state="FAILED"} ${isIll ? 1 : 0}`,
      `bank_rocketmq_checks_exhausted{txmsg_broker="b"} ${illScrapes}`,
      `bank_audit_disagreements ${isIll ? 1 : 0}`,
      `bank_audit_finished_at ${scrapes}`,
      `bank_audit_age ${isIll ? 10_900 : 5}`,
      `txmsg_outbox_oldest_age{messaging_destination_name="results"} ${isIll ? 61 : 0}`,
      ...(isIll
        ? ['txmsg_dead_letters_open{messaging_consumer_group_name="g",txmsg_reason="POISON"} 1']
        : []),
      `txmsg_sends_total{txmsg_state="COMMITTED"} ${scrapes * 10}`,
      `txmsg_sends_total{txmsg_state="UNKNOWN"} ${illScrapes}`,
      `service_ready{service_component="mysql"} ${isIll ? 0 : 1}`,
      `service_ready{service_component="rocketmq"} ${isIll ? illScrapes % 2 : 1}`,
      `bank_readings_failed_total{txmsg_reading="open-transfers"} ${illScrapes * 3}`,
      '',
    ].join('\n');
  };

  beforeAll(async () => {
    // An answer of bank2 without a metric is as bad as none.
    endpoint = await MetricsEndpoint.start((path) =>
      path === '/bank1/metrics'
        ? samples()
        : isIll
          ? ''
          : 'bank_readings_failed_total{txmsg_reading="readiness"} 0\n',
    );
    prometheus = await Prometheus.start(
      ['bank1', 'bank2'].map((job) => ({ job, url: `${endpoint.url}/${job}` })),
    );
  });
  afterAll(async () => {
    await prometheus.stop();
    endpoint.close();
  });

  it('fires, and clears', async () => {
    await eventually(() => scrapes > 5);
    expect(await prometheus.firing()).toEqual([]);
    isIll = true;
    await prometheus.untilFiring(...alertNames());
    isIll = false;
    await prometheus.untilClear(...alertNames());
  });
});

describe('two real banks', () => {
  let banks: TestBanks;
  let bank1: ServiceProcess;
  let bank2: ServiceProcess;
  let prometheus: Prometheus;

  const startBank2 = (port = '0'): Promise<ServiceProcess> =>
    banks.start('bank2', { ...METRICS, ...ADMIN_SETTINGS, PORT: port });

  beforeAll(async () => {
    banks = await TestBanks.create('alerts');
    bank2 = await startBank2();
    bank1 = await banks.start('bank1', {
      ...METRICS,
      ...ADMIN_SETTINGS,
      BANK2_URL: new URL(bank2.url).origin,
      AUDIT_INTERVAL_MS: '1000',
    });
    prometheus = await Prometheus.start(
      [bank1, bank2].map(({ service, url }) => ({ job: service, url, token: TOKEN })),
    );
  });
  afterAll(async () => {
    await (prometheus as Prometheus | undefined)?.stop();
    await banks.close();
  });

  const scrape = async ({ url }: ServiceProcess): Promise<string> =>
    (await call(`${url}/metrics`, { headers: { authorization: `Bearer ${TOKEN}` } })).text;

  it('MetricsAbsent and TransferOpenTooLong while bank2 is away', async () => {
    const port = new URL(bank2.url).port;
    await bank2.kill('SIGKILL');
    const order = { ...(await banks.books.openPair('waiting', '10.00')), txNo: 'waiting', amount: '4.00' };
    expect((await transfer(bank1, order)).status).toBe(201);
    await banks.books.ageTransfer('waiting', 660);
    await prometheus.untilFiring('MetricsAbsent', 'TransferOpenTooLong');
    expect(await scrape(bank1)).toMatch(/^bank_transfers_open 1$/m);

    bank2 = await startBank2(port);
    await prometheus.untilClear('MetricsAbsent', 'TransferOpenTooLong');
    expect(await scrape(bank1)).toMatch(/^bank_transfers_open 0$/m);
  });

  it('AuditDisagrees when a balance was changed by hand', async () => {
    await banks.books.open('bank2', 'richer', '0.00');
    await banks.books.add('bank2', 'richer', '0.01');
    await prometheus.untilFiring('AuditDisagrees');
    expect(await scrape(bank1)).toMatch(/^bank_audit_disagreements 2$/m);
    expect(await scrape(bank1)).toMatch(/^bank_audit_difference -0.01$/m);
    await banks.books.add('bank2', 'richer', '-0.01');
    await prometheus.untilClear('AuditDisagrees');
  });

  it('DeadLettersOpen when a message cannot be read', async () => {
    const admin = new Admin(bank2);
    const sender = await banks.foreignSender();
    await sender.deliver({ accountChange: { txNo: 'poison', amount: 'many' } }, 'poison');
    await sender.close();
    const letters = async (): Promise<{ id: string }[]> =>
      (await admin.get('dead-letters')).body?.deadLetters as { id: string }[];
    await eventually(async () => (await letters()).length > 0);
    await prometheus.untilFiring('DeadLettersOpen');
    for (const { id } of await letters()) await admin.post(`dead-letters/${id}/dismiss`);
    await prometheus.untilClear('DeadLettersOpen');
  });

  it('OutboxStuck when a result cannot be published', async () => {
    const admin = new Admin(bank2);
    await admin.meetFaults({ point: 'outbox.before-publish', action: 'throw', times: 10_000 });
    const order = { ...(await banks.books.openPair('stuck', '10.00')), txNo: 'stuck', amount: '4.00' };
    expect((await transfer(bank1, order)).status).toBe(201);
    await eventually(async () => (await banks.books.resultsWaiting()).includes('stuck'));
    await banks.books.ageOutbox(120);
    await prometheus.untilFiring('OutboxStuck');
    await admin.meetFaults();
    await prometheus.untilClear('OutboxStuck');
  });
});
