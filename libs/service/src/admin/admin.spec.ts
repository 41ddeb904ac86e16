import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { CommitOutcomeUnknownError, DatabaseUnavailableError, LocalMessageOutbox } from 'txmsg';
import { ConfiguredFaults, FaultInjector } from 'txmsg/faults';
import { startServiceHttp } from '../http/service-http.fixture.js';
import { FaultsController } from './faults.controller.js';
import { OutboxController } from './outbox.controller.js';

const TOKEN = 'the-token';
const authorization = `Bearer ${TOKEN}`;
const by = 'alice';

describe("a service's admin routes", () => {
  const republishSince = jest.fn<(since: Date) => Promise<number>>();
  const lines = jest.spyOn(Logger.prototype, 'log').mockImplementation(() => undefined);
  let app: NestFastifyApplication;

  beforeAll(async () => {
    app = await startApplication({ ADMIN_TOKEN: TOKEN }, new ConfiguredFaults([], ['service:known'], 'test'));
  });
  afterAll(async () => {
    await app.close();
    jest.restoreAllMocks();
  });

  const get = (headers: Record<string, string>) =>
    app.inject({ method: 'GET', url: '/some-service/admin/faults', headers });
  const post = (path: string, payload: object, service = app) =>
    service.inject({
      method: 'POST',
      url: `/some-service/admin/${path}`,
      headers: { authorization },
      payload,
    });

  it.each([
    ['no token', {}, 'Bearer realm="some-service admin"'],
    ['another scheme', { authorization: `Basic ${TOKEN}` }, 'Bearer realm="some-service admin"'],
    [
      'a wrong token',
      { authorization: 'Bearer other' },
      'Bearer realm="some-service admin", error="invalid_token"',
    ],
    [
      'a token that only begins right',
      { authorization: `${authorization}x` },
      'Bearer realm="some-service admin", error="invalid_token"',
    ],
  ])('refuse %s, and say what they want', async (_what, headers, challenge) => {
    const response = await get(headers);
    expect(response.json()).toMatchObject({ status: 401, code: 'UNAUTHORIZED' });
    expect(response.headers['www-authenticate']).toBe(challenge);
  });

  it('serve the holder of the token, whatever case the scheme has, and are never cached', async () => {
    const response = await get({ authorization: `bearer ${TOKEN}` });
    expect(response.json()).toEqual({ enabled: true, rules: [] });
    expect(response.headers['cache-control']).toBe('no-store');
  });

  it('are off without a configured token, and say so', async () => {
    const closed = await startApplication({}, new ConfiguredFaults([], [], 'test'));
    const response = await post('faults', { by, rules: [] }, closed);
    expect(response.json()).toMatchObject({
      status: 404,
      code: 'ROUTE_NOT_FOUND',
      detail: expect.stringContaining('ADMIN_TOKEN'),
    });
    await closed.close();
  });

  it('stand in the OpenAPI document with their token', async () => {
    const document = (await app.inject('/some-service/docs-json')).json<Record<string, unknown>>();
    expect(document).toHaveProperty('components.securitySchemes.admin.scheme', 'bearer');
    expect(document).toMatchObject({
      paths: { '/some-service/admin/faults': { post: { security: [{ admin: [] }] } } },
    });
  });

  it('log who does what, and why', async () => {
    await post('faults', { by: '李四', note: 'a rehearsal', rules: [] });
    expect(lines).toHaveBeenCalledWith(
      'Admin: fault rules replaced.',
      expect.objectContaining({ by: '李四', note: 'a rehearsal' }),
    );
  });

  it.each([
    ['nobody', { rules: [] }, 'by'],
    ['a blank name', { by: ' ', rules: [] }, 'by'],
    ['a name with a line break', { by: 'a\nb', rules: [] }, 'by'],
    ['a name of 65 characters', { by: 'a'.repeat(65), rules: [] }, 'by'],
    ['a note that is no text', { by, note: 1, rules: [] }, 'note'],
    ['a note of 501 characters', { by, note: 'n'.repeat(501), rules: [] }, 'note'],
    ['a note with half a character', { by, note: '\ud800', rules: [] }, 'note'],
    ['no rules', { by }, 'rules'],
    ['one rule without a list', { by, rules: { point: 'resolution.sent', action: 'kill' } }, 'rules'],
    ['a list in the list', { by, rules: [[]] }, 'rules'],
    ['no rule in the list', { by, rules: [null] }, 'rules'],
    ['an unknown point', { by, rules: [{ point: 'nowhere', action: 'kill' }] }, 'rules.0.point'],
    [
      "an unknown step of the service's own",
      { by, rules: [{ point: 'service:konwn', action: 'kill' }] },
      'rules.0.point',
    ],
    ['an unknown action', { by, rules: [{ point: 'resolution.sent', action: 'explode' }] }, 'rules.0.action'],
    ['no times', { by, rules: [{ point: 'resolution.sent', action: 'kill', times: 0 }] }, 'rules.0.times'],
    ['an unknown field', { by, rules: [], why: 'x' }, 'why'],
  ])('refuse %s', async (_what, body, field) => {
    const response = await post('faults', body);
    expect(response.json()).toMatchObject({
      status: 400,
      code: 'INVALID_INPUT',
      errors: expect.arrayContaining([expect.objectContaining({ field })]),
    });
  });

  it('replace the fault rules, and show how often each will still strike', async () => {
    const rules = [
      { point: 'resolution.sent', action: 'throw', times: 2, txNo: 't-1' },
      { point: 'service:known', action: 'kill', times: 1 },
    ];
    const state = { enabled: true, rules: rules.map((rule) => ({ ...rule, left: rule.times })) };
    expect((await post('faults', { by, rules })).json()).toEqual(state);
    expect((await get({ authorization })).json()).toEqual(state);
    expect((await post('faults', { by, rules: [] })).json()).toEqual({ enabled: true, rules: [] });
  });

  it('put no faults into a service that was started without', async () => {
    const calm = await startApplication(
      { ADMIN_TOKEN: TOKEN },
      {
        at: () => Promise.resolve(),
      },
    );
    const response = await post('faults', { by, rules: [] }, calm);
    expect(response.json()).toMatchObject({ status: 403, code: 'FAULT_INJECTION_OFF' });
    await calm.close();
  });

  describe('publishing again', () => {
    it('tells how many messages', async () => {
      republishSince.mockResolvedValueOnce(7);
      const response = await post('outbox/republish', { by, since: '2026-01-31T08:00:00+01:00' });
      expect(response.json()).toEqual({ republished: 7 });
      expect(republishSince).toHaveBeenCalledWith(new Date('2026-01-31T07:00:00Z'));
    });

    it.each([
      [503, 'SERVICE_UNAVAILABLE', new DatabaseUnavailableError('away')],
      [500, 'OUTCOME_UNKNOWN', new CommitOutcomeUnknownError()],
    ])(
      'answers %i %s when the database goes away, and that it may be repeated',
      async (status, code, error) => {
        republishSince.mockRejectedValueOnce(error);
        const response = await post('outbox/republish', { by, since: '2026-01-31T08:00:00Z' });
        expect(response.json()).toMatchObject({
          status,
          code,
          detail: expect.stringContaining('repeat the call'),
        });
        expect(response.headers['retry-after']).toBe(status === 503 ? '2' : undefined);
      },
    );

    it.each([
      ...['yesterday', '2026-01-31', '2026-02-30T08:00:00Z', '2026-01-31T08:00:00', 7, undefined],
      // ISO 8601 as well, which Date does not read, or MySQL.
      ...['20260131T080000Z', '2026-01-31T08Z', '2026-W05-3T08:00:00Z', '2026-01-31T0800Z'],
      ...['2026-01-31T08:00:00,5Z', '9999-12-31T23:59:59-10:00'],
    ])('refuses the moment %s', async (since) => {
      const response = await post('outbox/republish', { by, since });
      expect(response.json()).toMatchObject({ code: 'INVALID_INPUT', errors: [{ field: 'since' }] });
    });
  });

  function startApplication(
    environment: Record<string, string>,
    faults: FaultInjector,
  ): Promise<NestFastifyApplication> {
    const providers = [
      { provide: FaultInjector, useValue: faults },
      { provide: LocalMessageOutbox, useValue: { republishSince } },
    ];
    return startServiceHttp({ controllers: [FaultsController, OutboxController], providers, environment });
  }
});
