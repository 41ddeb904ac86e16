import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { ProblemCode } from '@txmsg/contracts';
import { BoundedRead, createServiceHttp, loadSettings, ProblemException } from '@txmsg/service';
import { createServiceDatabase, dropServiceDatabase } from '@txmsg/service/provisioning';
import { eventually } from 'txmsg/testing';
import { DataSource } from 'typeorm';
import { PATIENT_SETTINGS } from '../../../libs/service/src/configuration/patient-settings.fixture.js';
import { AppModule } from './app.module.js';
import { TradingSettings } from './trading-settings.js';

const DATABASE = 'test_trading_app_module';
const rootUrl = process.env.MYSQL_ROOT_URL ?? '';
const START_DEADLINE_MS = 60_000;
const HEADERS = { authorization: 'Bearer the-token' };

/** The whole module graph, as main.ts starts it; only the broker is away. */
describe("trading's AppModule", () => {
  let app: NestFastifyApplication;

  beforeAll(async () => {
    jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
    await dropServiceDatabase(rootUrl, DATABASE);
    const settings = loadSettings(TradingSettings, {
      MYSQL_URL: await createServiceDatabase(rootUrl, 'trading', DATABASE),
      ROCKETMQ_ENDPOINTS: '127.0.0.1:1',
      LOG_LEVEL: 'fatal',
      ...PATIENT_SETTINGS,
      ADMIN_TOKEN: 'the-token',
    });
    const create = (): Promise<NestFastifyApplication> =>
      createServiceHttp(AppModule.forRoot(settings), settings, 'trading');
    app = await eventually(create, { timeoutMs: START_DEADLINE_MS });
    await app.init();
  });
  afterAll(async () => {
    await app.close();
    jest.restoreAllMocks();
  });

  const get = async (path: string) => (await app.inject(`/trading/${path}`)).json<Record<string, unknown>>();
  const post = async (path: string, body: object = {}) => {
    const url = `/trading/${path}`;
    const payload = { by: 'alice', ...body };
    const response = await app.inject({ method: 'POST', url, headers: HEADERS, payload });
    return { status: response.statusCode, body: response.json<Record<string, unknown>>() };
  };
  const project = { projectId: 'p1', amount: '100', terms: 3, annualRate: '6.00' };

  it('has a small project that is full', async () => {
    expect(await get('projects/1')).toEqual({
      projectId: '1',
      amount: '1000.00',
      bidAmount: '1000.00',
      bidCount: 3,
      terms: 3,
      annualRate: '6.00',
      status: 'BIDDING',
    });
    expect(await get('projects/1/bids?limit=2')).toEqual({
      projectId: '1',
      items: [
        { investorNo: '1', amount: '500.00' },
        { investorNo: '2', amount: '333.33' },
      ],
      next: '2',
    });
    expect(await get('projects/1/bids?limit=2&after=2')).toEqual({
      projectId: '1',
      items: [{ investorNo: '3', amount: '166.67' }],
      next: null,
    });
  });

  it('makes a project once, and says so when it is made with other contents', async () => {
    expect(await post('projects', project)).toMatchObject({ status: 201, body: { amount: '100.00' } });
    expect(await post('projects', project)).toMatchObject({ status: 200, body: { amount: '100.00' } });
    const other = await post('projects', { ...project, terms: 4 });
    expect(other).toMatchObject({ status: 409, body: { code: 'PROJECT_CONFLICT' } });
  });

  it.each([
    ['terms', 0],
    ['terms', -1],
    ['terms', 1.5],
    ['terms', 361],
    ['terms', '12'],
    ['terms', null],
    ['amount', '0'],
    ['amount', '-5'],
    ['amount', '1.005'],
    ['amount', '1000000000000'],
    ['amount', 100],
    ['annualRate', '100.00'],
    ['annualRate', '6'],
    ['annualRate', '-1.00'],
    ['projectId', 'a b'],
    ['projectId', 'x'.repeat(51)],
  ])('refuses a project whose %s is %j', async (field, value) => {
    const { status, body } = await post('projects', { ...project, projectId: 'bad', [field]: value });
    expect(status).toBe(400);
    expect(body).toMatchObject({ code: 'INVALID_INPUT', errors: [{ field }] });
  });

  it('takes bids once, up to what the project asks for', async () => {
    const bids = [
      { investorNo: 'a', amount: '60' },
      { investorNo: 'b', amount: '30.5' },
    ];
    expect(await post('projects/p1/bids', { bids })).toMatchObject({
      status: 201,
      body: { bidAmount: '90.50', bidCount: 2 },
    });
    expect(await post('projects/p1/bids', { bids })).toMatchObject({ status: 200, body: { bidCount: 2 } });
    const changed = await post('projects/p1/bids', { bids: [{ investorNo: 'a', amount: '61' }] });
    expect(changed).toMatchObject({ status: 409, body: { code: 'PROJECT_CONFLICT' } });
    const more = await post('projects/p1/bids', { bids: [{ investorNo: 'c', amount: '9.51' }] });
    expect(more).toMatchObject({ status: 422, body: { code: 'BIDS_EXCEED_AMOUNT' } });
    const unknown = await post('projects/none/bids', { bids });
    expect(unknown).toMatchObject({ status: 404, body: { code: 'PROJECT_NOT_FOUND' } });
    expect(await post('projects/p1/bids', { bids: [] })).toMatchObject({ status: 400 });
    const twice = [1, 2].map(() => ({ investorNo: 'd', amount: '1' }));
    expect(await post('projects/p1/bids', { bids: twice })).toMatchObject({ status: 400 });
    expect(await get('projects/p1')).toMatchObject({ bidAmount: '90.50', bidCount: 2 });
  });

  it('lets bids that come at once never exceed what the project asks for', async () => {
    await post('projects', { ...project, projectId: 'race' });
    // On a busy machine one may wait too long for the others; it was told that it did nothing, and comes again.
    const bid = (investorNo: string) =>
      eventually(async () => {
        const answer = await post('projects/race/bids', { bids: [{ investorNo, amount: '10' }] });
        return answer.status !== 503 && answer;
      });
    const answers = await Promise.all(Array.from({ length: 12 }, (_unused, index) => bid(`i-${index}`)));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(10);
    expect(answers.filter(({ status }) => status === 422)).toHaveLength(2);
    expect(await get('projects/race')).toMatchObject({ bidAmount: '100.00', bidCount: 10 });
  });

  it('shows what was made when nothing can be read any more after the COMMIT', async () => {
    const away = new ProblemException(ProblemCode.SERVICE_UNAVAILABLE, 'away');
    const reads = jest.spyOn(app.get(BoundedRead), 'run').mockRejectedValue(away);
    try {
      expect(await post('projects', { ...project, projectId: 'unread' })).toMatchObject({
        status: 201,
        body: { projectId: 'unread', amount: '100.00', bidCount: 0 },
      });
      const bids = [{ investorNo: 'a', amount: '60' }];
      for (const status of [201, 200]) {
        expect(await post('projects/unread/bids', { bids })).toMatchObject({
          status,
          body: { bidAmount: '60.00', bidCount: 1 },
        });
      }
    } finally {
      reads.mockRestore();
    }
    expect(await get('projects/unread')).toMatchObject({ bidAmount: '60.00', bidCount: 1 });
  });

  it('approves nothing that is not full, and nothing that is unknown', async () => {
    expect(await post('projects/p1/approve')).toMatchObject({
      status: 422,
      body: { code: 'PROJECT_NOT_FULL', txNo: 'review-p1' },
    });
    expect(await post('projects/none/approve')).toMatchObject({
      status: 404,
      body: { code: 'PROJECT_NOT_FOUND' },
    });
    expect(await post(`projects/${encodeURIComponent('a b')}/approve`)).toMatchObject({ status: 400 });
  });

  it('has done nothing when the broker is away', async () => {
    expect(await post('projects/1/approve')).toMatchObject({
      status: 503,
      body: { code: 'SERVICE_UNAVAILABLE', txNo: 'review-1' },
    });
    expect(await get('projects/1')).toMatchObject({ status: 'BIDDING' });
  });

  it('answers a repeated approval from the row, also when the broker is away', async () => {
    await app.get(DataSource).query("UPDATE project SET status = 'REPAYING' WHERE project_id = 'race'");
    expect(await post('projects/race/approve')).toEqual({
      status: 200,
      body: { projectId: 'race', txNo: 'review-race', status: 'REPAYING' },
    });
    const late = await post('projects/race/bids', { bids: [{ investorNo: 'late', amount: '1' }] });
    expect(late).toMatchObject({ status: 409, body: { code: 'PROJECT_CLOSED' } });
  });

  it('keeps strangers from making projects, bids and approvals', async () => {
    for (const path of ['projects', 'projects/1/bids', 'projects/1/approve', 'admin/reconciliation']) {
      const response = await app.inject({ method: 'POST', url: `/trading/${path}`, payload: { by: 'eve' } });
      expect(response.statusCode).toBe(401);
    }
  });

  it('knows which projects there are to look up', async () => {
    expect(await post('admin/reconciliation')).toMatchObject({ status: 200, body: { checked: 0 } });
    expect(await post('admin/reconciliation', { projectId: 'none' })).toMatchObject({ status: 404 });
  });
});
