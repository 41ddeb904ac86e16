import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createServiceHttp, loadSettings } from '@txmsg/service';
import { createServiceDatabase, dropServiceDatabase } from '@txmsg/service/provisioning';
import { eventually } from 'txmsg/testing';
import { DataSource } from 'typeorm';
import { PATIENT_SETTINGS } from '../../../libs/service/src/configuration/patient-settings.fixture.js';
import { AppModule } from './app.module.js';
import { PointsSettings } from './points-settings.js';

const DATABASE = 'test_points_app_module';
const rootUrl = process.env.MYSQL_ROOT_URL ?? '';
const START_DEADLINE_MS = 60_000;

/** The whole module graph, as main.ts starts it; only the broker is away. */
describe("points' AppModule", () => {
  let app: NestFastifyApplication;

  beforeAll(async () => {
    jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
    await dropServiceDatabase(rootUrl, DATABASE);
    const settings = loadSettings(PointsSettings, {
      MYSQL_URL: await createServiceDatabase(rootUrl, 'points', DATABASE),
      ROCKETMQ_ENDPOINTS: '127.0.0.1:1',
      LOG_LEVEL: 'fatal',
      ...PATIENT_SETTINGS,
      ADMIN_TOKEN: 'the-token',
    });
    const create = (): Promise<NestFastifyApplication> =>
      createServiceHttp(AppModule.forRoot(settings), settings, 'points');
    // As when a service starts: a busy machine may let a connection wait for too long.
    app = await eventually(create, { timeoutMs: START_DEADLINE_MS });
    await app.init();
  });
  afterAll(async () => {
    await app.close();
    jest.restoreAllMocks();
  });

  it('lives without the broker, and says that it is not ready', async () => {
    expect((await app.inject('/points/health/live')).json()).toEqual({ status: 'ok' });
    const ready = await app.inject('/points/health/ready');
    expect(ready.statusCode).toBe(503);
    expect(ready.json()).toMatchObject({
      details: { mysql: { status: 'up' }, rocketmq: { status: 'down' } },
    });
  });

  it('has admin routes for the holder of the token', async () => {
    const headers = { authorization: 'Bearer the-token' };
    expect((await app.inject('/points/admin/dead-letters')).statusCode).toBe(401);
    const list = await app.inject({ url: '/points/admin/dead-letters', headers });
    expect(list.json()).toEqual({ deadLetters: [], next: null });
  });

  it('shows the points of a user, and says where there are none', async () => {
    await app.get(DataSource).query("INSERT INTO points_account (user_id, points) VALUES ('u-1', 100)");
    const found = await app.inject('/points/accounts/u-1');
    expect(found.json()).toEqual({ userId: 'u-1', points: 100 });
    expect(found.headers['cache-control']).toBe('no-store');
    for (const missing of ['U-1', 'u-2']) {
      expect((await app.inject(`/points/accounts/${missing}`)).json()).toMatchObject({
        status: 404,
        code: 'ACCOUNT_NOT_FOUND',
      });
    }
    expect((await app.inject('/points/accounts/a%20b')).json()).toMatchObject({
      code: 'INVALID_INPUT',
      errors: [{ field: 'userId', value: 'a b' }],
    });
  });
});
