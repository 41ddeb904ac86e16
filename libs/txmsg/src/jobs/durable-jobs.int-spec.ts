import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger, type INestApplicationContext } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { CountingServices, Gate, Hooks, KIND } from '../../test/counting-job.js';
import { createLibraryDatabase, openDataSource } from '../../test/library-database.js';
import {
  DatabaseTransactions,
  Deadline,
  DurableJobs,
  JobKeyConflictError,
  JobPostponedError,
  InvalidArgumentError,
} from '../index.js';
import { FAULT_POINTS, type FaultPoint } from '../faults/index.js';
import { eventually, MysqlProxy } from '../testing/index.js';

const POINTS = FAULT_POINTS.filter((point) => point.startsWith('job.'));

describe('durable jobs on a real database', () => {
  let url: string;
  let direct: DataSource;
  let services: CountingServices;
  let key: string;

  beforeAll(async () => {
    jest.spyOn(Logger.prototype, 'log').mockImplementation(() => undefined);
    jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
    jest.spyOn(Logger.prototype, 'error').mockImplementation(() => undefined);
    url = await createLibraryDatabase('jobs');
    direct = await openDataSource(url);
  });
  beforeEach(() => {
    services = new CountingServices(direct, url);
    key = randomUUID();
  });
  afterEach(async () => {
    await services.closeAll();
    await direct.query('DELETE FROM durable_job');
  });
  afterAll(async () => {
    await direct.destroy();
    jest.restoreAllMocks();
  });

  const untilState = (state: string, of = key): Promise<unknown> =>
    eventually(async () => (await services.job(of))?.state === state);

  it('makes each step of a job once, in order', async () => {
    const application = await services.start('a');
    expect(await services.begin(application, key, 5)).toBe('STARTED');
    await untilState('DONE');
    expect(await services.counts(key)).toEqual([1, 2, 3, 4, 5]);
    expect(await services.job(key)).toMatchObject({ steps: 5, failures: 0, error: null, lease: null });
  });

  it('starts nothing in a transaction that is rolled back', async () => {
    const application = await services.start('a');
    await application.get(DatabaseTransactions).run(
      async ({ entityManager }) => {
        await application.get(DurableJobs).start(entityManager, { kind: KIND, key, input: { to: 1 } });
        return { decision: 'ROLLBACK', value: undefined };
      },
      { deadline: Deadline.in(20_000) },
    );
    const later = randomUUID();
    await services.begin(application, later, 1);
    await untilState('DONE', later);
    expect(await services.job(key)).toBeUndefined();
    expect(await services.effects(key)).toEqual([]);
  });

  it('changes nothing when a key is started again, and refuses it with another input', async () => {
    const application = await services.start('a');
    await services.begin(application, key, 1);
    expect(await services.begin(application, key, 1)).toBe('EXISTS');
    await untilState('DONE');
    expect(await services.begin(application, key, 1)).toBe('EXISTS');
    await expect(services.begin(application, key, 2)).rejects.toBeInstanceOf(JobKeyConflictError);
    expect(await services.counts(key)).toEqual([1]);
  });

  it('starts one job when the same key is started from several transactions at once', async () => {
    const application = await services.start('a');
    const started = await Promise.all([1, 2, 3, 4].map(() => services.begin(application, key, 3)));
    expect(started.sort()).toEqual(['EXISTS', 'EXISTS', 'EXISTS', 'STARTED']);
    await untilState('DONE');
    expect(await services.counts(key)).toEqual([1, 2, 3]);
  });

  it('refuses what cannot become a job', async () => {
    const application = await services.start('a');
    const jobs = application.get(DurableJobs);
    const start = (job: object): Promise<unknown> =>
      direct.transaction((manager) => jobs.start(manager, { kind: KIND, key, input: { to: 1 }, ...job }));
    const beside = jobs.start(direct.manager, { kind: KIND, key, input: {} });
    await expect(beside).rejects.toThrow(/entityManager/);
    await expect(start({ kind: 'nobody' })).rejects.toThrow(/kind "nobody" is refused.*\(count\)/);
    await expect(start({ key: 'a b' })).rejects.toBeInstanceOf(InvalidArgumentError);
    await expect(start({ key: undefined })).rejects.toBeInstanceOf(InvalidArgumentError);
    await expect(start({ input: { set: new Set() } })).rejects.toThrow('Set');
    await expect(start({ input: { text: 'x'.repeat(70_000) } })).rejects.toBeInstanceOf(InvalidArgumentError);
    expect(await services.job(key)).toBeUndefined();
  });

  it('shares the jobs between two workers, each step made once', async () => {
    const [first] = [await services.start('a'), await services.start('b')];
    const keys = Array.from({ length: 20 }, () => randomUUID());
    await Promise.all(keys.map((one) => services.begin(first, one, 4)));
    for (const one of keys) await untilState('DONE', one);
    for (const one of keys) expect(await services.counts(one)).toEqual([1, 2, 3, 4]);
  });

  describe.each([
    ['without prepare', false],
    ['with prepare', true],
  ] as const)('a worker that is frozen, %s', (_form, prepares) => {
    it('stores nothing once another has the job', async () => {
      const [frozen, other] = [new Gate(), new Gate()];
      const [hooksOfA, hooksOfB] = [new Hooks(), new Hooks()];
      const point: FaultPoint = prepares ? 'job.prepared' : 'job.claimed';
      hooksOfA.hooks.set(point, frozen.pass);
      // Frozen as a whole: with a second place it would take the job again as soon as the lease has ended.
      const a = await services.start('a', { hooks: hooksOfA, prepares, concurrency: 1 });
      await services.begin(a, key, 3);
      await frozen.reached;
      // b makes the first step, and is kept from the second one: a comes back while the job is under way.
      let passes = 0;
      hooksOfB.hooks.set('job.claimed', () => (++passes === 2 ? other.pass() : undefined));
      const b = await services.start('b', { hooks: hooksOfB, prepares });
      await services.endLease(key);
      await other.reached;
      const held = await services.job(key);
      hooksOfA.hooks.delete(point);
      frozen.open();
      await services.close(a);
      expect(await services.effects(key)).toEqual(['1 b']);
      const now = await services.job(key);
      // The end of its lease (nextRunAt) is the same, and comes closer.
      expect({ ...now, isDue: held?.isDue, dueInSeconds: held?.dueInSeconds }).toEqual(held);
      other.open();
      await untilState('DONE');
      expect(await services.effects(key)).toEqual(['1 b', '2 b', '3 b']);
      await services.close(b);
    });
  });

  it('stores nothing with a lease that has ended, although nobody else has the job yet', async () => {
    const frozen = new Gate();
    const hooks = new Hooks();
    hooks.hooks.set('job.claimed', frozen.pass);
    const a = await services.start('a', { hooks });
    await services.begin(a, key, 1);
    await frozen.reached;
    await services.endLease(key);
    // It may not claim the job again, so that what it does is done by the lease that has ended.
    hooks.hooks.delete('job.claimed');
    const closing = services.close(a);
    frozen.open();
    await closing;
    expect(await services.effects(key)).toEqual([]);
    expect(await services.job(key)).toMatchObject({ state: 'PENDING', steps: 0 });
  });

  describe.each(POINTS)('a process that ends at %s', (point) => {
    it('leaves a job that another one ends, each step made once', async () => {
      const hooks = new Hooks();
      const dead = new Gate();
      let passes = 0;
      // At the second step, where there is one.
      const at = point === 'job.stored' ? 1 : 2;
      hooks.hooks.set(point, () => (++passes === at ? dead.pass() : undefined));
      const a = await services.start('a', { hooks, prepares: true });
      const beginning = services.begin(a, key, 4).catch(() => 'ABANDONED');
      await dead.reached;
      // It never goes on: its connections are closed under it, as the server does with those of a dead process.
      await services.close(a);
      await beginning;
      await services.endLease(key);
      const b = await services.start('b', { prepares: true });
      if (point === 'job.stored') {
        expect(await services.job(key)).toBeUndefined();
        await services.begin(b, key, 4);
      }
      await untilState('DONE');
      expect(await services.counts(key)).toEqual([1, 2, 3, 4]);
    });
  });

  describe.each(POINTS.filter((point) => point !== 'job.stored'))('a fault at %s', (point) => {
    it.each(['throw', 'drop-connection'] as const)('(%s) costs time, and no step', async (action) => {
      const hooks = new Hooks();
      let passes = 0;
      hooks.hooks.set(point, ({ dropConnection }) => {
        if (++passes !== 2) return;
        if (action === 'throw' || dropConnection === undefined) throw new Error('injected');
        dropConnection();
      });
      const a = await services.start('a', { hooks, prepares: true });
      await services.begin(a, key, 4);
      await untilState('DONE');
      expect(await services.counts(key)).toEqual([1, 2, 3, 4]);
    });
  });

  it.each(['cut-before', 'cut-after', 'swallow-answer'] as const)(
    'reads in the row what became of a step whose COMMIT was not answered (%s)',
    async (fault) => {
      const proxy = await MysqlProxy.start(url);
      const hooks = new Hooks();
      const played: Promise<void>[] = [];
      hooks.hooks.set('job.before-step-commit', () => {
        if (played.length === 0) played.push(proxy.at(/^COMMIT/, fault));
      });
      try {
        const a = await services.start('a', {
          hooks,
          url: proxy.url,
          attemptsMax: 1,
          options: { handlerTimeoutMs: 5000 },
        });
        await services.begin(a, key, 3);
        await untilState('DONE');
        await Promise.all(played);
        expect(played).toHaveLength(1);
        expect(await services.counts(key)).toEqual([1, 2, 3]);
      } finally {
        await services.closeAll();
        await proxy.close();
      }
    },
  );

  it('prepares a step anew when the one before turns out to be stored', async () => {
    let isFirst = true;
    const a = await services.start('a', {
      attemptsMax: 1,
      prepares: async () => {
        if (!isFirst) return;
        isFirst = false;
        // As when the answer to its COMMIT was lost, and the server ends that COMMIT only now.
        await direct.query("INSERT INTO effect (tx_no, note) VALUES (?, '1 before')", [key]);
        await direct.query(
          `UPDATE durable_job SET steps = 1, step_cursor = '{"count":1}' WHERE job_key = ?`,
          [key],
        );
      },
    });
    await services.begin(a, key, 3);
    await untilState('DONE');
    expect(await services.effects(key)).toEqual(['1 before', '2 a', '3 a']);
  });

  describe('a step that throws', () => {
    it('is tried again, and fails the job after attemptsMax; an operator lets it go on from there', async () => {
      let isBroken = true;
      const a = await services.start('a', {
        attemptsMax: 2,
        onStep: (job) =>
          isBroken && job.steps === 1 ? Promise.reject(new Error('no way')) : Promise.resolve(),
      });
      const jobs = a.get(DurableJobs);
      await services.begin(a, key, 3);
      await untilState('FAILED');
      expect(await services.counts(key)).toEqual([1]);
      expect(await jobs.list({ state: 'FAILED' })).toMatchObject({
        jobs: [{ kind: KIND, key, steps: 1, failures: 2, error: 'Error: no way', isClaimed: false }],
        next: null,
      });
      isBroken = false;
      expect(await jobs.retry(KIND, 'unknown')).toBe('NOT_FOUND');
      expect(await jobs.retry(KIND, key)).toBe('RETRIED');
      await untilState('DONE');
      expect(await jobs.retry(KIND, key)).toBe('NOT_FAILED');
      expect(await services.counts(key)).toEqual([1, 2, 3]);
    });

    it('is not counted when the database is at fault', async () => {
      let troubles = 3;
      const a = await services.start('a', {
        attemptsMax: 1,
        onStep: async (_job, manager) => {
          if (troubles-- > 0) await manager.query("SIGNAL SQLSTATE '40001' SET MYSQL_ERRNO = 1213");
        },
      });
      await services.begin(a, key, 2);
      await untilState('DONE');
      expect(await services.counts(key)).toEqual([1, 2]);
    });

    it('is not counted when it postpones the job, and its reason can be read', async () => {
      let isAway = true;
      const a = await services.start('a', {
        attemptsMax: 1,
        onStep: () =>
          isAway ? Promise.reject(new JobPostponedError('the peer is away', 100)) : Promise.resolve(),
      });
      await services.begin(a, key, 2);
      await eventually(async () => (await services.job(key))?.error === 'the peer is away');
      expect(await services.job(key)).toMatchObject({ state: 'PENDING', failures: 0, steps: 0 });
      isAway = false;
      await untilState('DONE');
      expect(await services.counts(key)).toEqual([1, 2]);
    });

    it('is not counted, and can be read, while its statement does not fit the tables', async () => {
      const a = await services.start('a', {
        attemptsMax: 1,
        onStep: async (_job, manager) => {
          await manager.query('INSERT INTO not_there_yet VALUES (1)');
        },
      });
      await services.begin(a, key, 1);
      await eventually(async () => (await services.job(key))?.error?.includes('not_there_yet') === true);
      // Given back for a while, so that a wrong statement does not keep the place of other jobs.
      const job = await services.job(key);
      expect(job).toMatchObject({ state: 'PENDING', failures: 0, lease: null });
      // Longer than after trouble, which lasts for 5 s at most.
      expect(Number(job?.dueInSeconds)).toBeGreaterThan(5);
    });

    it('is one that takes longer than handlerTimeoutMs, and what it wrote is rolled back', async () => {
      let isSlow = true;
      const a = await services.start('a', {
        attemptsMax: 1,
        onStep: () => (isSlow ? new Promise<void>(() => undefined) : Promise.resolve()),
        options: { handlerTimeoutMs: 5000 },
      });
      await services.begin(a, key, 1);
      await untilState('FAILED');
      expect((await services.job(key))?.error).toMatch(/did not finish within \d+ ms/);
      expect(await services.effects(key)).toEqual([]);
      isSlow = false;
      await a.get(DurableJobs).retry(KIND, key);
      await untilState('DONE');
      expect(await services.counts(key)).toEqual([1]);
    });
  });

  it('lets a running step finish at shutdown, begins no other, and gives the job back', async () => {
    const gate = new Gate();
    const a = await services.start('a', {
      onStep: (job) => (job.steps === 1 ? gate.pass() : Promise.resolve()),
      options: { shutdownTimeoutMs: 20_000 },
    });
    await services.begin(a, key, 4);
    await gate.reached;
    const closing = services.close(a);
    gate.open();
    await closing;
    expect(await services.counts(key)).toEqual([1, 2]);
    const job = await services.job(key);
    expect(job).toMatchObject({ state: 'PENDING', steps: 2, lease: null });
    expect(Number(job?.isDue)).toBe(1);
  });

  it('does not count what obeys the signal of the shutdown as a failure', async () => {
    const gate = new Gate();
    const a = await services.start('a', {
      attemptsMax: 1,
      prepares: (_count, signal) =>
        new Promise<void>((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            reject(signal.reason as Error);
          });
          void gate.pass();
        }),
      options: { shutdownTimeoutMs: 20_000 },
    });
    await services.begin(a, key, 1);
    await gate.reached;
    await services.close(a);
    expect(await services.job(key)).toMatchObject({
      state: 'PENDING',
      failures: 0,
      error: null,
      lease: null,
    });
  });

  it('lists page by page, by kind and state', async () => {
    const a: INestApplicationContext = await services.start('a');
    const keys = ['1', '2', '3'].map((number) => `${key}-${number}`.slice(-40));
    for (const one of keys) await services.begin(a, one, 1);
    for (const one of keys) await untilState('DONE', one);
    const jobs = a.get(DurableJobs);
    const first = await jobs.list({ kind: KIND, state: 'DONE', limit: 2 });
    expect(first.jobs.map((job) => job.key)).toEqual(keys.slice(0, 2));
    const second = await jobs.list({ limit: 2, after: first.next ?? '' });
    expect(second).toMatchObject({ jobs: [{ key: keys[2], state: 'DONE' }], next: null });
    await expect(jobs.list({ after: 'nonsense' })).rejects.toBeInstanceOf(InvalidArgumentError);
    await expect(jobs.list({ limit: 0 })).rejects.toBeInstanceOf(InvalidArgumentError);
    expect(await jobs.find(KIND, keys[0] ?? '')).toMatchObject({ state: 'DONE', steps: 1 });
  });
});
