import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from 'txmsg/testing';
import { sharedCoordinator } from '../libs/seata/test/coordinator.js';
import { Admin, ADMIN_SETTINGS } from './kit/admin.js';
import { call } from './kit/http.js';
import type { ServiceProcess } from './kit/service-process.js';
import { SeataBanks } from './kit/seata-banks.js';

const CALLERS = 8;
const CALLS_EACH = 6;

interface Report {
  readonly agrees: boolean;
  readonly disagreements: { readonly count: number; readonly listed: readonly object[] };
  readonly transfers: Record<'committed' | 'inFlight', { readonly count: number; readonly sum: string }>;
}

describe('the audit of the banks with two-phase commit', () => {
  let banks: SeataBanks;
  let bank1: ServiceProcess;
  let bank2: ServiceProcess;

  beforeAll(async () => {
    banks = await SeataBanks.create('seata_audit', await sharedCoordinator());
    ({ bank1, bank2 } = await banks.startBoth({ ...ADMIN_SETTINGS, METRICS_ENABLED: 'true' }));
  });
  afterAll(() => banks.close());

  const audit = async (): Promise<Report> => {
    const { status, body, text } = await new Admin(bank1).get('audit');
    expect([status, text]).toEqual([200, text]);
    return body as unknown as Report;
  };
  const metric = async ({ url }: ServiceProcess, line: string): Promise<number> => {
    const { text } = await call(`${url}/metrics`);
    const found = text.split('\n').find((each) => each.startsWith(`${line} `));
    return Number(found?.slice(line.length + 1) ?? NaN);
  };

  it('agrees while transfers of both patterns are made and rolled back, and in the end', async () => {
    const over = new AbortController();
    let committed = 0;
    const caller = async (_: unknown, index: number): Promise<void> => {
      const pattern = index % 2 === 0 ? 'AT' : 'TCC';
      for (let calls = 0; calls < CALLS_EACH; calls += 1) {
        // 3.00 fails at bank2.
        const { status } = await banks.transfer(bank1, pattern, { amount: calls % 3 === 0 ? '3' : '1.25' });
        if (status === 201) committed += 1;
      }
    };
    const load = Promise.all(Array.from({ length: CALLERS }, caller)).finally(() => {
      over.abort();
    });
    const reports: Report[] = [];
    while (!over.signal.aborted) reports.push(await audit());
    await load;
    for (const { disagreements } of reports) expect(disagreements).toEqual({ count: 0, listed: [] });
    await banks.ended();
    const report = await audit();
    expect(report).toMatchObject({ agrees: true, transfers: { inFlight: { count: 0, sum: '0.00' } } });
    expect(report.transfers.committed.count).toBeGreaterThanOrEqual(committed);
    expect(committed).toBeGreaterThan(0);
    expect(report.transfers.committed.count).toBe(await banks.expectAgreement());
  });

  it('takes what bank2 has not confirmed for in flight, and the gauges count it', async () => {
    await new Admin(bank2).meetFaults({
      point: 'service:seata.rm.commit-received',
      action: 'throw',
      times: 1000,
    });
    try {
      for (const pattern of ['AT', 'TCC'] as const) {
        expect((await banks.transfer(bank1, pattern, { amount: '10' })).status).toBe(201);
      }
      await eventually(async () => {
        expect(await banks.openWork('seata-bank1')).toMatchObject({ undoLogs: 0, openFences: 0 });
      });
      const { disagreements, transfers } = await audit();
      expect(disagreements).toEqual({ count: 0, listed: [] });
      expect(transfers.inFlight).toEqual({ count: 2, sum: '20.00' });
      const retried = 'seata_branches_total{seata_phase="commit",seata_answer="RETRY"}';
      // The coordinator asks bank2 after bank1, and a scrape leaves out what takes longer than 2 s to read.
      await eventually(async () => {
        for (const gauge of ['seata_undo_logs_open', 'seata_fences_open']) {
          expect([gauge, await metric(bank2, gauge)]).toEqual([gauge, 1]);
        }
        expect(await metric(bank2, retried)).toBeGreaterThan(0);
      });
    } finally {
      await new Admin(bank2).meetFaults();
    }
    await banks.ended();
    expect((await audit()).transfers.inFlight.count).toBe(0);
    await eventually(async () => {
      expect(await metric(bank2, 'seata_undo_logs_open')).toBe(0);
    });
    const outcome = (name: string): Promise<number> =>
      metric(bank1, `seata_global_transactions_total{seata_outcome="${name}"}`);
    expect(await outcome('COMMITTED')).toBeGreaterThanOrEqual(2);
    expect(await outcome('NOT_BEGUN')).toBe(0);
  });

  it('names the account when a balance was changed by hand, and agrees when it is changed back', async () => {
    for (const [bank, name] of [
      ['seata-bank1', 'bank1'],
      ['seata-bank2', 'bank2'],
    ] as const) {
      await banks.query(bank, 'UPDATE account_info SET account_balance = account_balance + 0.01');
      const { agrees, disagreements } = await audit();
      expect([agrees, disagreements]).toMatchObject([
        false,
        { count: 1, listed: [{ kind: 'ACCOUNT', bank: name }] },
      ]);
      await banks.query(bank, 'UPDATE account_info SET account_balance = account_balance - 0.01');
    }
    expect((await audit()).agrees).toBe(true);
  });

  it('names the transfer and the account when a credit was deleted', async () => {
    const txNo = 'lost';
    expect((await banks.transfer(bank1, 'TCC', { txNo, amount: '5' })).status).toBe(201);
    await banks.ended();
    await banks.query('seata-bank2', 'DELETE FROM credit WHERE tx_no = ?', [txNo]);
    const { disagreements } = await audit();
    expect(disagreements).toMatchObject({
      count: 2,
      listed: [
        { kind: 'ACCOUNT', bank: 'bank2', accountNo: '2' },
        { kind: 'TRANSFER', txNo, found: 'no credit at bank2' },
      ],
    });
  });
});
