import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DatabaseUnavailableError, DurableJobs, type DurableJobStatus } from 'txmsg';
import { startServiceHttp } from '../http/service-http.fixture.js';
import { JobsController } from './jobs.controller.js';

const JOB: DurableJobStatus = {
  kind: 'some-kind',
  key: 'some-key',
  state: 'PENDING',
  steps: 1,
  failures: 0,
  error: null,
  isClaimed: false,
  nextRunAt: new Date(0),
  createTime: new Date(0),
  endTime: null,
};

describe('a retry of a durable job', () => {
  const library = { retry: jest.fn<DurableJobs['retry']>(), find: jest.fn<DurableJobs['find']>() };
  let app: NestFastifyApplication;

  beforeAll(async () => {
    for (const level of ['log', 'warn', 'error'] as const) {
      jest.spyOn(Logger.prototype, level).mockImplementation(() => undefined);
    }
    app = await startServiceHttp({
      controllers: [JobsController],
      providers: [{ provide: DurableJobs, useValue: library }],
      environment: { ADMIN_TOKEN: 'the-token' },
    });
  });
  afterAll(async () => {
    await app.close();
    jest.restoreAllMocks();
  });

  const retry = async (): Promise<unknown> => {
    const response = await app.inject({
      method: 'POST',
      url: '/some-service/admin/jobs/some-kind/some-key/retry',
      headers: { authorization: 'Bearer the-token' },
      payload: { by: 'alice' },
    });
    return response.json();
  };

  it('shows the job as it is then', async () => {
    library.retry.mockResolvedValueOnce('RETRIED');
    library.find.mockResolvedValueOnce(JOB);
    expect(await retry()).toMatchObject({ key: 'some-key', state: 'PENDING' });
  });

  it('is answered 503 when the database was away: nothing was done', async () => {
    library.retry.mockRejectedValueOnce(new DatabaseUnavailableError('away'));
    expect(await retry()).toMatchObject({ status: 503, code: 'SERVICE_UNAVAILABLE' });
  });

  it('is not answered 503 when the database was away only after the retry', async () => {
    library.retry.mockResolvedValueOnce('RETRIED');
    library.find.mockRejectedValueOnce(new DatabaseUnavailableError('away'));
    expect(await retry()).toMatchObject({
      status: 500,
      code: 'OUTCOME_UNKNOWN',
      detail: expect.stringContaining('The change was made') as unknown,
    });
  });
});
