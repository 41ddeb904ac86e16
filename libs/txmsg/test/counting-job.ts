import type { INestApplicationContext, Type } from '@nestjs/common';
import type { DataSource, EntityManager } from 'typeorm';
import { FaultInjector, type FaultContext, type FaultPoint } from '../src/faults/index.js';
import {
  DatabaseTransactions,
  Deadline,
  DurableJob,
  DurableJobs,
  type DurableJobHandler,
  type JobStarted,
  type RunningJob,
  type StepResult,
  type TxMsgOptions,
} from '../src/index.js';
import { InMemoryBroker } from '../src/testing/index.js';
import { startLibraryApplication } from './library-application.js';

export interface CountTo {
  readonly to: number;
}
interface Counted {
  readonly count: number;
}

export const KIND = 'count';

/** Runs what a test hangs on a fault point, at every pass. */
export class Hooks extends FaultInjector {
  readonly hooks = new Map<FaultPoint, (context: FaultContext) => Promise<void> | void>();

  async at(point: FaultPoint, context: FaultContext): Promise<void> {
    await this.hooks.get(point)?.(context);
  }
}

/** What a step does beside its effect; by default nothing. */
export type OnStep = (job: RunningJob<CountTo, Counted>, entityManager: EntityManager) => Promise<void>;

/** Counts: each step writes one row of `effect`, with the name of the worker that made it. */
export function countingJob(
  worker: string,
  { onStep, prepares = false, attemptsMax, concurrency }: CountingOptions = {},
): Type<DurableJobHandler<CountTo, Counted>> {
  @DurableJob({
    kind: KIND,
    ...(attemptsMax === undefined ? {} : { attemptsMax }),
    ...(concurrency === undefined ? {} : { concurrency }),
  })
  class CountingJob implements DurableJobHandler<CountTo, Counted> {
    async step(
      job: RunningJob<CountTo, Counted>,
      entityManager: EntityManager,
      prepared: unknown,
    ): Promise<StepResult<Counted>> {
      const before = job.cursor?.count ?? 0;
      if (prepares !== false && prepared !== before) throw new Error('prepared for another step');
      const count = before + 1;
      await entityManager.query('INSERT INTO effect (tx_no, note) VALUES (?, ?)', [
        job.key,
        `${count} ${worker}`,
      ]);
      await onStep?.(job, entityManager);
      return count === job.input.to ? 'DONE' : { next: { count } };
    }
  }
  if (prepares !== false) {
    const prepare = async (
      { cursor }: RunningJob<CountTo, Counted>,
      signal: AbortSignal,
    ): Promise<number> => {
      if (prepares !== true) await prepares(cursor?.count ?? 0, signal);
      return cursor?.count ?? 0;
    };
    Object.defineProperty(CountingJob.prototype, 'prepare', { value: prepare });
  }
  return CountingJob;
}

export interface CountingOptions {
  readonly onStep?: OnStep;
  /** With a prepare, which tells its step for which count it is; and what it does beside. @default without one */
  readonly prepares?: boolean | ((count: number, signal: AbortSignal) => Promise<void>);
  readonly attemptsMax?: number;
  readonly concurrency?: number;
}

/** Services that count, on one database. */
export class CountingServices {
  private readonly running = new Set<INestApplicationContext>();
  private readonly broker = new InMemoryBroker();

  constructor(
    private readonly direct: DataSource,
    private readonly url: string,
  ) {}

  async start(
    worker: string,
    {
      hooks = new Hooks(),
      url = this.url,
      options,
      ...counting
    }: CountingOptions & { hooks?: Hooks; url?: string; options?: Partial<TxMsgOptions> } = {},
  ): Promise<INestApplicationContext> {
    const application = await startLibraryApplication({
      databaseUrl: url,
      listeners: [countingJob(worker, counting)],
      options: { shutdownTimeoutMs: 3000, retentionIntervalMs: 0, ...options },
      transport: this.broker,
      faults: hooks,
    });
    this.running.add(application);
    return application;
  }

  async close(application: INestApplicationContext): Promise<void> {
    this.running.delete(application);
    await application.close();
  }

  async closeAll(): Promise<void> {
    for (const application of this.running) await this.close(application);
  }

  /** In a transaction of the library. */
  begin(application: INestApplicationContext, key: string, to: number): Promise<JobStarted> {
    return application.get(DatabaseTransactions).run(
      async ({ entityManager }) => {
        const job = { kind: KIND, key, input: { to } };
        return { decision: 'COMMIT', value: await application.get(DurableJobs).start(entityManager, job) };
      },
      { deadline: Deadline.in(5000) },
    );
  }

  /** What the steps of the job wrote, in the order in which they committed: `1 worker`. */
  async effects(key: string): Promise<string[]> {
    const rows = await this.direct.query<{ note: string }[]>(
      'SELECT note FROM effect WHERE tx_no = ? ORDER BY id',
      [key],
    );
    return rows.map(({ note }) => note);
  }

  async counts(key: string): Promise<number[]> {
    return (await this.effects(key)).map((note) => Number(note.split(' ')[0]));
  }

  async job(key: string): Promise<JobRow | undefined> {
    const [row] = await this.direct.query<JobRow[]>(
      `SELECT state, steps, failures, error, lease_owner AS lease, next_run_at <= UTC_TIMESTAMP(3) AS isDue,
         TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(3), next_run_at) AS dueInSeconds, CAST(next_run_at AS CHAR) AS nextRunAt
       FROM durable_job WHERE job_key = ?`,
      [key],
    );
    return row;
  }

  /** As if its worker had been frozen for longer than that. */
  async endLease(key: string): Promise<void> {
    await this.direct.query('UPDATE durable_job SET next_run_at = UTC_TIMESTAMP(3) WHERE job_key = ?', [key]);
  }
}

export interface JobRow {
  readonly state: string;
  readonly steps: number;
  readonly failures: number;
  readonly error: string | null;
  readonly lease: string | null;
  readonly isDue: number | string;
  readonly dueInSeconds: number | string;
  readonly nextRunAt: string;
}

/** A place where something waits until the test lets it go on. */
export class Gate {
  private arrive: () => void = () => undefined;
  private letGo: () => void = () => undefined;
  /** Resolves when somebody waits here. */
  readonly reached = new Promise<void>((resolve) => (this.arrive = resolve));
  private readonly opened = new Promise<void>((resolve) => (this.letGo = resolve));

  readonly pass = (): Promise<void> => {
    this.arrive();
    return this.opened;
  };

  open(): void {
    this.letGo();
  }
}
