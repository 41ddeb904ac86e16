import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { createServiceDatabase, dropServiceDatabase } from '@txmsg/service/provisioning';
import {
  DatabaseTransactions,
  mysqlDataSourceOptions,
  type ResendGuard,
  type TransactionTemplate,
} from 'txmsg';
import { DataSource } from 'typeorm';
import type { TradingSettings } from '../trading-settings.js';
import { DueProjects } from './due-projects.js';
import { ReconciliationService } from './reconciliation.service.js';
import { RepaymentClient } from './repayment.client.js';

const DATABASE = 'test_trading_reconciliation';
const rootUrl = process.env.MYSQL_ROOT_URL ?? '';
const REVIEW = {
  txNo: 'review-1',
  projectId: '1',
  amount: '1000.00',
  bidCount: 3,
  terms: 3,
  annualRate: '6.00',
};
const NOT_FOUND = { status: 404, body: { code: 'PLAN_NOT_FOUND', txNo: 'review-1' } };

/** Real MySQL; repayment is a server that answers as a test says, and what would be sent again is written down. */
describe("trading's reconciliation", () => {
  let repayment: Server;
  let answer: { status: number; body: unknown };
  let dataSource: DataSource;
  let service: ReconciliationService;
  const resent: unknown[] = [];

  beforeAll(async () => {
    for (const level of ['log', 'warn', 'error'] as const) {
      jest.spyOn(Logger.prototype, level).mockImplementation(() => undefined);
    }
    repayment = createServer((_request, response) => {
      response
        .writeHead(answer.status, { 'content-type': 'application/json' })
        .end(JSON.stringify(answer.body));
    });
    await new Promise<void>((resolve) => repayment.listen(0, '127.0.0.1', resolve));
    await dropServiceDatabase(rootUrl, DATABASE);
    const url = await createServiceDatabase(rootUrl, 'trading', DATABASE);
    dataSource = await new DataSource({
      ...mysqlDataSourceOptions(url, { connectTimeoutMs: 30_000 }),
    }).initialize();
    const settings = {
      repaymentUrl: `http://127.0.0.1:${(repayment.address() as AddressInfo).port}`,
      reconcileAfterMs: 60_000,
    } as TradingSettings;
    const template = {
      resendMessageInTransaction: async (
        _topic: string,
        payload: unknown,
        { guard }: { guard: ResendGuard },
      ) => {
        const agreed = await dataSource.transaction((manager) => guard(manager));
        if (agreed) resent.push(payload);
        return { state: agreed ? 'COMMITTED' : 'ROLLED_BACK' };
      },
    } as unknown as TransactionTemplate;
    const transactions = new DatabaseTransactions(dataSource);
    const due = new DueProjects(transactions, settings);
    service = new ReconciliationService(due, new RepaymentClient(settings), template, transactions, {
      at: () => Promise.resolve(),
    });
  });
  beforeEach(async () => {
    resent.splice(0);
    await dataSource.query(
      "UPDATE project SET status = 'REPAYING', republished = 0, next_check_at = UTC_TIMESTAMP(3) WHERE project_id = '1'",
    );
  });
  afterAll(async () => {
    jest.restoreAllMocks();
    await dataSource.destroy();
    await new Promise((resolve) => repayment.close(resolve));
  });

  const row = async () => {
    const [found] = await dataSource.query<{ republished: number; isDue: number | null }[]>(
      "SELECT republished, next_check_at <= UTC_TIMESTAMP(3) AS isDue FROM project WHERE project_id = '1'",
    );
    return found;
  };

  it('asks no more about a plan that repayment knows, whatever its state', async () => {
    answer = { status: 200, body: { ...REVIEW, state: 'PLANNING' } };
    expect(await service.reconcile()).toMatchObject({ checked: 1, settled: 1 });
    expect(await row()).toEqual({ republished: 0, isDue: null });
    expect(await service.reconcile()).toMatchObject({ checked: 0 });
  });

  it("sends the approval again on repayment's own 404, and looks it up again after a pause", async () => {
    answer = NOT_FOUND;
    expect(await service.reconcile()).toMatchObject({ checked: 1, republished: 1 });
    expect(resent).toEqual([REVIEW]);
    const after = await row();
    expect({ ...after, isDue: Number(after?.isDue) }).toEqual({ republished: 1, isDue: 0 });
  });

  it('sends nothing again that has ended meanwhile', async () => {
    answer = NOT_FOUND;
    const reconciling = service.reconcile();
    await dataSource.query("UPDATE project SET next_check_at = NULL WHERE project_id = '1'");
    await reconciling;
    expect((await service.reconcileOne('1'))?.checked).toBe(0);
  });

  it.each([
    ['the 404 of something else', { status: 404, body: { code: 'ROUTE_NOT_FOUND' } }],
    ['a 404 about another project', { status: 404, body: { code: 'PLAN_NOT_FOUND', txNo: 'review-2' } }],
    ['an error', { status: 503, body: {} }],
    ['nonsense', { status: 200, body: 'x' }],
    ['another plan under this project', { status: 200, body: { ...REVIEW, amount: '999.00' } }],
  ])('does nothing on %s, and retries after a pause', async (_what, given) => {
    answer = given;
    expect(await service.reconcile()).toMatchObject({ checked: 1, postponed: 1 });
    expect(resent).toEqual([]);
    const after = await row();
    expect({ ...after, isDue: Number(after?.isDue) }).toEqual({ republished: 0, isDue: 0 });
  });

  it('knows no other project', async () => {
    expect(await service.reconcileOne('2')).toBeUndefined();
  });
});
