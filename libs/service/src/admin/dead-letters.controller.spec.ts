import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DatabaseUnavailableError, DeadLetters, type DeadLetterResult } from 'txmsg';
import { DataSource } from 'typeorm';
import { BoundedRead } from '../database/bounded-read.js';
import { startServiceHttp } from '../http/service-http.fixture.js';
import { DeadLettersController } from './dead-letters.controller.js';

const authorization = 'Bearer the-token';
const actor = { by: 'alice', note: 'why not' };

describe('the dead letters of a service', () => {
  const library = {
    list: jest.fn<DeadLetters['list']>(),
    find: jest.fn<DeadLetters['find']>(),
    redrive: jest.fn<DeadLetters['redrive']>(),
    dismiss: jest.fn<DeadLetters['dismiss']>(),
  };
  let app: NestFastifyApplication;

  beforeAll(async () => {
    for (const level of ['log', 'warn'] as const) {
      jest.spyOn(Logger.prototype, level).mockImplementation(() => undefined);
    }
    app = await startServiceHttp({
      controllers: [DeadLettersController],
      providers: [
        BoundedRead,
        { provide: DataSource, useValue: {} },
        { provide: DeadLetters, useValue: library },
      ],
      environment: { ADMIN_TOKEN: 'the-token' },
    });
  });
  afterAll(async () => {
    await app.close();
    jest.restoreAllMocks();
  });
  afterEach(() => {
    jest.clearAllMocks();
  });

  const get = (path: string) =>
    app.inject({ url: `/some-service/admin/dead-letters${path}`, headers: { authorization } });
  const post = (path: string, payload: object = actor) =>
    app.inject({
      method: 'POST',
      url: `/some-service/admin/dead-letters${path}`,
      headers: { authorization },
      payload,
    });

  it('are shown, moved and given up only to the holder of the token', async () => {
    for (const path of ['', '/1']) {
      expect((await app.inject(`/some-service/admin/dead-letters${path}`)).statusCode).toBe(401);
    }
    for (const action of ['redrive', 'dismiss']) {
      const url = `/some-service/admin/dead-letters/1/${action}`;
      expect((await app.inject({ method: 'POST', url, payload: actor })).statusCode).toBe(401);
    }
    for (const call of Object.values(library)) expect(call).not.toHaveBeenCalled();
  });

  it('are listed by a filter', async () => {
    library.list.mockResolvedValueOnce({ deadLetters: [], next: '7' });
    const query =
      'state=OPEN&reason=POISON&txNo=t-1&consumerGroup=g&limit=5&after=3&since=2026-01-31T08:00:00Z';
    expect((await get(`?${query}`)).json()).toEqual({ deadLetters: [], next: '7' });
    const [asked] = library.list.mock.lastCall ?? [];
    expect(asked).toEqual({
      state: 'OPEN',
      reason: 'POISON',
      txNo: 't-1',
      consumerGroup: 'g',
      limit: 5,
      after: '3',
      since: new Date('2026-01-31T08:00:00Z'),
    });
  });

  it.each([
    ['state', 'open'],
    ['reason', 'BORING'],
    ['txNo', 'a%20b'],
    ['consumerGroup', ''],
    ['limit', '101'],
    ['limit', '0'],
    ['after', '-1'],
    ['since', 'yesterday'],
    ['until', '2026-01-31'],
    ['page', '2'],
  ])('are not listed by %s=%s', async (field, value) => {
    expect((await get(`?${field}=${value}`)).json()).toMatchObject({
      code: 'INVALID_INPUT',
      errors: [{ field }],
    });
  });

  it.each(['x', '0', '1e3', '01', '9'.repeat(19)])('have no id %s', async (id) => {
    for (const response of [
      await get(`/${id}`),
      await post(`/${id}/redrive`),
      await post(`/${id}/dismiss`),
    ]) {
      expect(response.json()).toMatchObject({ code: 'INVALID_INPUT', errors: [{ field: 'id', value: id }] });
    }
  });

  it('answer 404 where there is none', async () => {
    library.find.mockResolvedValueOnce(undefined);
    expect((await get('/1')).json()).toMatchObject({ status: 404, code: 'DEAD_LETTER_NOT_FOUND' });
  });

  it('take no action of nobody', async () => {
    for (const action of ['redrive', 'dismiss']) {
      expect((await post(`/1/${action}`, { note: 'x' })).json()).toMatchObject({ errors: [{ field: 'by' }] });
    }
  });

  const answers: [DeadLetterResult, number, object][] = [
    [{ outcome: 'DONE' }, 200, { id: '1', outcome: 'DONE' }],
    [{ outcome: 'DUPLICATE' }, 200, { outcome: 'DUPLICATE' }],
    [{ outcome: 'UNKNOWN' }, 202, { outcome: 'UNKNOWN' }],
    [{ outcome: 'NOT_FOUND' }, 404, { code: 'DEAD_LETTER_NOT_FOUND' }],
    [{ outcome: 'BUSY' }, 409, { code: 'DEAD_LETTER_BUSY' }],
    [{ outcome: 'BODY_CUT' }, 422, { code: 'DEAD_LETTER_BODY_CUT' }],
    [{ outcome: 'NO_LISTENER' }, 409, { code: 'DEAD_LETTER_WITHOUT_LISTENER' }],
    [
      { outcome: 'CLOSED', state: 'DISMISSED' },
      409,
      { code: 'DEAD_LETTER_CLOSED', detail: expect.stringContaining('DISMISSED') },
    ],
    [
      { outcome: 'FAILED', reason: 'HANDLER_FAILED', detail: 'Error: no' },
      422,
      { code: 'DEAD_LETTER_FAILED_AGAIN', detail: expect.stringContaining('HANDLER_FAILED, Error: no') },
    ],
  ];

  it.each(answers)('answer %j with %i', async (result, status, body) => {
    for (const action of ['redrive', 'dismiss'] as const) {
      library[action].mockResolvedValueOnce(result);
      const response = await post(`/1/${action}`);
      expect(response.statusCode).toBe(status);
      expect(response.json()).toMatchObject(body);
      expect(library[action]).toHaveBeenCalledWith('1', expect.objectContaining(actor));
    }
  });

  it('are handled although they have expired only when the operator says so', async () => {
    library.redrive.mockResolvedValue({ outcome: 'DONE' });
    await post('/1/redrive');
    expect(library.redrive).toHaveBeenLastCalledWith('1', { ...actor, evenIfExpired: false });
    await post('/1/redrive', { ...actor, evenIfExpired: true });
    expect(library.redrive).toHaveBeenLastCalledWith('1', { ...actor, evenIfExpired: true });
    for (const evenIfExpired of ['true', 1, null]) {
      expect((await post('/1/redrive', { ...actor, evenIfExpired })).json()).toMatchObject({
        code: 'INVALID_INPUT',
        errors: [{ field: 'evenIfExpired' }],
      });
    }
    expect((await post('/1/dismiss', { ...actor, evenIfExpired: true })).statusCode).toBe(400);
    expect(library.redrive).toHaveBeenCalledTimes(2);
    expect(library.dismiss).not.toHaveBeenCalled();
  });

  it('tell how to handle one that has expired', async () => {
    library.redrive.mockResolvedValueOnce({ outcome: 'FAILED', reason: 'EXPIRED', detail: 'too old.' });
    expect((await post('/1/redrive')).json()).toMatchObject({
      detail: expect.stringContaining('EXPIRED, too old. It was not handled.'),
    });
  });

  it('answer 503 when the database is away, since nothing was done', async () => {
    library.redrive.mockRejectedValueOnce(new DatabaseUnavailableError('away'));
    expect((await post('/1/redrive')).json()).toMatchObject({ status: 503, code: 'SERVICE_UNAVAILABLE' });
    library.list.mockRejectedValueOnce(new DatabaseUnavailableError('away'));
    expect((await get('')).json()).toMatchObject({ status: 503, code: 'SERVICE_UNAVAILABLE' });
  });
});
