import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { REPAYMENT_CONSUMER_GROUP, REVIEW_TOPIC, reviewTxNoOf, type ReviewMessage } from '@txmsg/contracts';
import { createServiceHttp, loadSettings } from '@txmsg/service';
import { createServiceDatabase, dropServiceDatabase } from '@txmsg/service/provisioning';
import { DatabaseTransactions, Deadline, TxNoConflictError } from 'txmsg';
import { eventually } from 'txmsg/testing';
import { DataSource } from 'typeorm';
import { PATIENT_SETTINGS } from '../../../libs/service/src/configuration/patient-settings.fixture.js';
import { AppModule } from './app.module.js';
import { ReviewListener } from './plans/review.listener.js';
import { RepaymentSettings } from './repayment-settings.js';

const DATABASE = 'test_repayment_app_module';
const rootUrl = process.env.MYSQL_ROOT_URL ?? '';
const START_DEADLINE_MS = 60_000;
const HEADERS = { authorization: 'Bearer the-token' };

interface Page {
  readonly status: number;
  readonly body: unknown;
}

/** The whole module graph, as main.ts starts it. The broker is away, and trading is a server that answers as a test says. */
describe("repayment's AppModule", () => {
  let app: NestFastifyApplication;
  let trading: Server;
  let pageOf: (after: string | null, limit: number) => Page;
  let projectId: string;
  let projects = 0;

  beforeAll(async () => {
    for (const level of ['log', 'warn', 'error'] as const) {
      jest.spyOn(Logger.prototype, level).mockImplementation(() => undefined);
    }
    trading = createServer((request, response) => {
      const { searchParams } = new URL(request.url ?? '/', 'http://trading');
      const { status, body } = pageOf(searchParams.get('after'), Number(searchParams.get('limit')));
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
    await new Promise<void>((resolve) => trading.listen(0, '127.0.0.1', resolve));
    await dropServiceDatabase(rootUrl, DATABASE);
    const settings = loadSettings(RepaymentSettings, {
      MYSQL_URL: await createServiceDatabase(rootUrl, 'repayment', DATABASE),
      ROCKETMQ_ENDPOINTS: '127.0.0.1:1',
      TRADING_URL: `http://127.0.0.1:${(trading.address() as AddressInfo).port}`,
      LOG_LEVEL: 'fatal',
      ...PATIENT_SETTINGS,
      ADMIN_TOKEN: 'the-token',
      HANDLER_ATTEMPTS_MAX: '1',
    });
    const create = (): Promise<NestFastifyApplication> =>
      createServiceHttp(AppModule.forRoot(settings), settings, 'repayment');
    app = await eventually(create, { timeoutMs: START_DEADLINE_MS });
    await app.init();
  });
  beforeEach(() => {
    projectId = `p-${projects++}`;
    bidsAre(['500.00', '333.33', '166.67']);
  });
  afterAll(async () => {
    await app.close();
    await new Promise((resolve) => trading.close(resolve));
    jest.restoreAllMocks();
  });

  /** Trading pages these bids, of investors 1 to 9. */
  function bidsAre(amounts: readonly string[]): void {
    pageOf = (after, limit) => {
      const all = amounts.map((amount, index) => ({ investorNo: String(index + 1), amount }));
      const left = all.filter(({ investorNo }) => after === null || investorNo > after);
      const items = left.slice(0, limit);
      const next = left.length > limit ? items.at(-1)?.investorNo : null;
      return { status: 200, body: { projectId, items, next } };
    };
  }
  const messageOf = (changed: Partial<ReviewMessage> = {}): ReviewMessage => {
    const review = { projectId, amount: '1000.00', bidCount: 3, terms: 3, annualRate: '6.00', ...changed };
    return { txNo: reviewTxNoOf(projectId), ...review };
  };
  /** As a delivery does it. */
  const receive = (changed: Partial<ReviewMessage> = {}): Promise<void> => {
    const message = messageOf(changed);
    return app.get(DatabaseTransactions).run(
      async ({ entityManager }) => {
        await app.get(ReviewListener).onMessage(message, entityManager);
        return { decision: 'COMMIT', value: undefined };
      },
      { deadline: Deadline.in(10_000) },
    );
  };
  const plan = async () =>
    (await app.inject(`/repayment/plans/${projectId}`)).json<Record<string, unknown>>();
  const until = (expected: object): Promise<unknown> =>
    eventually(async () => {
      expect(await plan()).toMatchObject(expected);
    });
  const instalments = (): Promise<Record<string, unknown>[]> =>
    app.get(DataSource).query(
      `SELECT investor_no AS investor, instalment_no AS no, principal, interest FROM repayment_instalment
       WHERE project_id = ? ORDER BY investor_no, instalment_no`,
      [projectId],
    );

  it('makes a plan of amounts that do not divide, exact to the cent', async () => {
    await receive();
    await until({ state: 'READY' });
    expect(await plan()).toEqual({
      projectId,
      txNo: `review-${projectId}`,
      state: 'READY',
      reason: null,
      amount: '1000.00',
      bidCount: 3,
      terms: 3,
      annualRate: '6.00',
      instalmentsMade: 9,
      instalmentsTotal: 9,
      principalMade: '1000.00',
      interestMade: '15.00',
    });
    const rows = await instalments();
    expect(rows.slice(0, 3)).toEqual([
      { investor: '1', no: 1, principal: '166.66', interest: '2.50' },
      { investor: '1', no: 2, principal: '166.66', interest: '2.50' },
      { investor: '1', no: 3, principal: '166.68', interest: '2.50' },
    ]);
    expect(rows.slice(6)).toEqual([
      { investor: '3', no: 1, principal: '55.55', interest: '0.83' },
      { investor: '3', no: 2, principal: '55.55', interest: '0.83' },
      { investor: '3', no: 3, principal: '55.57', interest: '0.84' },
    ]);
  });

  it('reads the bids page by page when there are many instalments for each', async () => {
    await receive({ terms: 300 });
    await until({ state: 'READY', instalmentsMade: 900, principalMade: '1000.00' });
    const [job] = await app
      .get(DataSource)
      .query<{ steps: number }[]>('SELECT steps FROM durable_job WHERE job_key = ?', [projectId]);
    expect(job?.steps).toBe(3);
  });

  it('makes no second plan of an approval that comes again', async () => {
    await receive();
    await until({ state: 'READY' });
    await app.get(DataSource).query('DELETE FROM durable_job WHERE job_key = ?', [projectId]);
    await receive();
    const jobs = await app
      .get(DataSource)
      .query<unknown[]>('SELECT 1 FROM durable_job WHERE job_key = ?', [projectId]);
    expect(jobs).toEqual([]);
    expect(await instalments()).toHaveLength(9);
  });

  it('refuses another approval of the same project', async () => {
    await receive();
    await expect(receive({ terms: 4 })).rejects.toBeInstanceOf(TxNoConflictError);
    await until({ state: 'READY', terms: 3 });
  });

  it('lets an approval come again after its dead letter was dismissed', async () => {
    const message = messageOf();
    const { txNo } = message;
    const { insertId } = await app.get(DataSource).query<{ insertId: number | string }>(
      `INSERT INTO dead_letter (consumer_group, topic, tx_no, message_id, dedup_key, reason, body)
       VALUES (?, ?, ?, 'm', UNHEX(SHA2(?, 256)), 'HANDLER_FAILED', ?)`,
      [REPAYMENT_CONSUMER_GROUP, REVIEW_TOPIC, txNo, txNo, JSON.stringify(message)],
    );
    const dismissal = await app.inject({
      method: 'POST',
      url: `/repayment/admin/dead-letters/${insertId}/dismiss`,
      headers: HEADERS,
      payload: { by: 'alice' },
    });
    expect(dismissal.json()).toEqual({ id: String(insertId), outcome: 'DONE' });
    // A barrier row would make every later delivery of the approval a duplicate.
    const barrier = 'SELECT tx_no FROM de_duplication WHERE tx_no = ?';
    expect(await app.get(DataSource).query<unknown[]>(barrier, [txNo])).toEqual([]);
    await receive();
    await until({ state: 'READY' });
  });

  it('waits while trading is away, without counting that as a failure', async () => {
    pageOf = () => ({ status: 503, body: {} });
    await receive();
    const waits = async () => {
      const url = '/repayment/admin/jobs?state=PENDING&kind=repayment-plan';
      const { jobs } = (await app.inject({ url, headers: HEADERS })).json<{ jobs: object[] }>();
      expect(jobs).toContainEqual(
        expect.objectContaining({
          key: projectId,
          failures: 0,
          error: expect.stringContaining('answered 503') as unknown,
        }),
      );
    };
    await eventually(waits);
    expect(await plan()).toMatchObject({ state: 'PLANNING', instalmentsMade: 0 });
    bidsAre(['500.00', '333.33', '166.67']);
    await until({ state: 'READY' });
  });

  it.each([
    ['of another project', () => ({ projectId: 'other', items: [], next: null })],
    ['out of order', () => ({ projectId, items: [bid('2'), bid('1')], next: null })],
    ['that names an investor twice', () => ({ projectId, items: [bid('1'), bid('1')], next: null })],
    [
      'with an amount that is none',
      () => ({ projectId, items: [{ investorNo: '1', amount: '1.005' }], next: null }),
    ],
    ['whose next page is elsewhere', () => ({ projectId, items: [bid('1')], next: '5' })],
    ['without an end', () => ({ projectId, items: [], next: '1' })],
  ])('does not believe a page %s', async (_what, body) => {
    pageOf = () => ({ status: 200, body: body() });
    await receive();
    await eventually(async () => {
      const [job] = await app
        .get(DataSource)
        .query<{ error: string | null }[]>('SELECT error FROM durable_job WHERE job_key = ?', [projectId]);
      expect(job?.error).toMatch(/says nothing about its bids/);
    });
    expect(await plan()).toMatchObject({ state: 'PLANNING', instalmentsMade: 0 });
    await app.get(DataSource).query('DELETE FROM durable_job WHERE job_key = ?', [projectId]);
  });

  function bid(investorNo: string): object {
    return { investorNo, amount: '1.00' };
  }

  it.each([
    ['fewer bids', ['500.00', '500.00']],
    ['more bids', ['500.00', '333.33', '166.66', '0.01']],
    ['another amount', ['500.00', '333.33', '166.66']],
  ])('fails a plan for which trading has %s than were approved', async (_what, amounts) => {
    bidsAre(amounts);
    await receive();
    await until({ state: 'FAILED', reason: 'BIDS_DO_NOT_ADD_UP' });
  });

  it('fails a plan of a project that trading does not know', async () => {
    pageOf = () => ({ status: 404, body: { code: 'PROJECT_NOT_FOUND', txNo: reviewTxNoOf(projectId) } });
    await receive();
    await until({ state: 'FAILED', reason: 'PROJECT_NOT_FOUND' });
  });

  it('says when the job has failed, and lets an operator go on with it', async () => {
    await app.get(DataSource).query(
      `INSERT INTO repayment_instalment (project_id, investor_no, instalment_no, principal, interest)
       VALUES (?, '3', 3, 1, 1)`,
      [projectId],
    );
    await receive();
    await until({ state: 'FAILED', reason: 'JOB_FAILED' });
    await app.get(DataSource).query('DELETE FROM repayment_instalment WHERE project_id = ?', [projectId]);
    const retry = (kind: string) =>
      app.inject({
        method: 'POST',
        url: `/repayment/admin/jobs/${kind}/${projectId}/retry`,
        headers: HEADERS,
        payload: { by: 'alice' },
      });
    expect((await retry('repayment-plan')).json()).toMatchObject({ key: projectId, failures: 0 });
    await until({ state: 'READY', instalmentsMade: 9 });
    expect((await retry('repayment-plan')).json()).toMatchObject({ code: 'JOB_NOT_FAILED' });
    expect((await retry('nobody')).json()).toMatchObject({ code: 'INVALID_INPUT' });
  });

  it('knows no other plan', async () => {
    const response = await app.inject('/repayment/plans/none');
    expect(response.json()).toMatchObject({ status: 404, code: 'PLAN_NOT_FOUND', txNo: 'review-none' });
    expect((await app.inject(`/repayment/plans/${encodeURIComponent('a b')}`)).statusCode).toBe(400);
    expect((await app.inject('/repayment/admin/jobs')).statusCode).toBe(401);
  });
});
