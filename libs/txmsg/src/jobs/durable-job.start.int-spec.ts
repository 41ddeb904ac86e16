import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { trace } from '@opentelemetry/api';
import { CountingServices, countingJob, KIND } from '../../test/counting-job.js';
import { problemsOf, receiver, StartingServices } from '../../test/starting-service.js';
import { TelemetrySdk } from '../../test/telemetry-sdk.js';
import { DatabaseTransactions } from '../database/index.js';
import { NoFaults } from '../faults/index.js';
import { DurableJob, DurableJobs } from '../index.js';
import { DEFAULT_MESSAGE_LIMITS } from '../limits/index.js';
import { Telemetry } from '../telemetry/index.js';
import { eventually } from '../testing/index.js';
import { JobRuntime } from './job.runtime.js';
import { JobStep } from './job.step.js';
import { JobStore } from './job.store.js';
import { JobWorker } from './job.worker.js';

const HOUR_MS = 3_600_000;

describe('starting a service', () => {
  const services = StartingServices.forEachTest();

  it('with a durable job is refused without the table of jobs', async () => {
    await services.direct.query('DROP TABLE durable_job');
    expect(await problemsOf(services.start([countingJob('a')]))).toEqual([
      expect.stringMatching(/^The database lacks durable_job: run .*sql\/txmsg\.sql/),
    ]);
  });

  it('without one needs no table of jobs, also not to purge it', async () => {
    await services.direct.query('DROP TABLE durable_job');
    const application = await services.start([receiver('notes', 'receivers')], { retentionIntervalMs: 20 });
    expect(await application.get(DurableJobs).list()).toEqual({ jobs: [], next: null });
  });

  it('is refused for two classes of one kind, a class without steps, and options that break their rules', async () => {
    @DurableJob({ kind: 'a b', attemptsMax: 0, concurrency: 65 })
    class Idle {}
    class First extends countingJob('a') {}
    class Second extends countingJob('b') {}
    expect(await problemsOf(services.start([First, Second, Idle]))).toEqual([
      expect.stringMatching(/^The kind "count" has two @DurableJob classes \(First, Second\)/),
      expect.stringMatching(/^Idle: the kind "a b" is refused/),
      expect.stringMatching(/^Idle: attemptsMax 0 is refused/),
      expect.stringMatching(/^Idle: concurrency 65 is refused/),
      expect.stringMatching(/^Idle has no method step/),
    ]);
  });

  it('lets it delete jobs that are DONE for as long as barrier rows are kept, and no others', async () => {
    const minutesAgo = (minutes: number) => `UTC_TIMESTAMP(3) - INTERVAL ${minutes} MINUTE`;
    const jobs = [
      ['old', 'DONE', minutesAgo(80)],
      ['just-expired', 'DONE', minutesAgo(70)],
      ['failed', 'FAILED', minutesAgo(80)],
      ['waiting', 'PENDING', 'NULL'],
    ];
    for (const [key, state, end] of jobs) {
      await services.direct.query(
        `INSERT INTO durable_job (kind, job_key, state, input, contents_hash, next_run_at, create_time, end_time)
         VALUES ('${KIND}', ?, ?, '{"to":1}', REPEAT('h', 32), UTC_TIMESTAMP(3) + INTERVAL 1 DAY,
           ${minutesAgo(90)}, ${end ?? 'NULL'})`,
        [key, state],
      );
    }
    const options = { barrierRetentionMs: HOUR_MS, checkHorizonMs: 0, retentionIntervalMs: 20 };
    await services.start([countingJob('a')], options);
    const keys = async () =>
      (await services.direct.query<{ k: string }[]>('SELECT job_key AS k FROM durable_job ORDER BY k')).map(
        ({ k }) => k,
      );
    await eventually(async () => (await keys()).length === 3);
    expect(await keys()).toEqual(['failed', 'just-expired', 'waiting']);
  });

  it('makes a span of each step, in the trace of what started the job', async () => {
    const sdk = new TelemetrySdk();
    try {
      const application = await services.start([countingJob('a')]);
      const counting = new CountingServices(services.direct, services.url);
      const key = randomUUID();
      const traceId = await trace.getTracer('service').startActiveSpan('request', async (span) => {
        await counting.begin(application, key, 3);
        span.end();
        return span.spanContext().traceId;
      });
      await eventually(async () => (await counting.job(key))?.state === 'DONE');
      await eventually(() => sdk.spans.filter(({ name }) => name === 'job step count').length === 3);
      for (const span of sdk.spans.filter(({ name }) => name === 'job step count')) {
        expect(span.spanContext().traceId).toBe(traceId);
        expect(span.attributes).toEqual({ 'txmsg.job.kind': KIND, 'txmsg.job.key': key });
      }
    } finally {
      sdk.end();
    }
  });
});

describe('a worker that looks for due jobs once a day', () => {
  const services = StartingServices.forEachTest();

  it('is woken by the COMMIT of the transaction that starts one', async () => {
    const transactions = new DatabaseTransactions(services.direct);
    const settings = { handlerTimeoutMs: 10_000, messageLimits: DEFAULT_MESSAGE_LIMITS };
    const store = new JobStore(transactions);
    const step = new JobStep(store, transactions, new NoFaults(), settings);
    const handler = { step: () => Promise.resolve('DONE' as const) };
    const job = { kind: KIND, attemptsMax: 1, concurrency: 1, handler };
    const telemetry = new Telemetry().job(KIND);
    const worker = new JobWorker(job, store, step, new NoFaults(), telemetry, 86_400_000);
    const wake = (): void => {
      worker.wake();
    };
    const runtime = { kinds: [KIND], wake } as unknown as JobRuntime;
    const jobs = new DurableJobs(transactions, runtime, new NoFaults(), settings);
    const counting = new CountingServices(services.direct, services.url);
    const parts = new Map<unknown, unknown>([
      [DatabaseTransactions, transactions],
      [DurableJobs, jobs],
    ]);
    const application = { get: (part: unknown) => parts.get(part) } as Parameters<typeof counting.begin>[0];
    worker.start();
    try {
      for (const key of ['first', 'second']) {
        await counting.begin(application, key, 1);
        await eventually(async () => (await counting.job(key))?.state === 'DONE');
      }
    } finally {
      await worker.stop(1000);
    }
  });
});
