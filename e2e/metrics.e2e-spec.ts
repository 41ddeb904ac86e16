import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually, MysqlProxy } from 'txmsg/testing';
import type { ServiceProcess } from './kit/service-process.js';
import { call } from './kit/http.js';
import { TestBanks } from './kit/test-banks.js';

const METRICS = { METRICS_ENABLED: 'true' };

/** An answer that takes longer than Prometheus waits is none. */
const SCRAPE_DEADLINE_MS = 10_000;

describe('the metrics of a bank', () => {
  let banks: TestBanks;

  beforeAll(async () => {
    banks = await TestBanks.create('metrics');
  });
  afterAll(() => banks.close());

  const scrape = ({ url }: ServiceProcess) => call(`${url}/metrics`, {}, SCRAPE_DEADLINE_MS);

  it('are answered in time while MySQL is frozen, without what only MySQL knows', async () => {
    const mysqlUrl = new URL(banks.mysqlUrl('bank1'));
    const proxy = await MysqlProxy.start(mysqlUrl.href);
    const bank1 = await banks.start('bank1', { ...METRICS, MYSQL_URL: proxy.url });
    // A scrape leaves out what takes longer than 2 s to read, and readiness waits for MySQL for 1 s.
    await eventually(async () => {
      const { text } = await scrape(bank1);
      expect(text).toMatch(/^bank_transfers_open 0$/m);
      expect(text).toMatch(/^service_ready\{service_component="mysql"\} 1$/m);
    });

    // The statements arrive, and their answers never do. Readiness shows an answer again that is a moment old.
    const text = await eventually(async () => {
      for (const statement of [/^SELECT 1$/, /outgoing_transfer/]) void proxy.at(statement, 'swallow-answer');
      const answer = await scrape(bank1);
      expect(answer.status).toBe(200);
      return answer.text.includes('service_ready{service_component="mysql"} 0') && answer.text;
    });
    expect(text).not.toContain('bank_transfers_open ');
    expect(text).toMatch(/^service_ready\{service_component="rocketmq"\} 1$/m);
    expect(text).toMatch(/^bank_readings_failed_total\{txmsg_reading="open-transfers"\} [1-9]/m);

    await eventually(async () => /^bank_transfers_open 0$/m.test((await scrape(bank1)).text));
    await bank1.kill('SIGKILL');
    await proxy.close();
  });

  it('keep a bank from starting where others could read them', async () => {
    const instance = banks.launch('bank2', { ...METRICS, HOST: '0.0.0.0' });
    expect(await instance.exitCode).toBe(1);
    expect(instance.output()).toContain('bank2 cannot start: METRICS_ENABLED is true, and HOST is 0.0.0.0');
  });

  it('are off when nobody asks for them', async () => {
    expect((await scrape(await banks.start('bank2'))).status).toBe(404);
  });
});
