import type { EntityManager } from 'typeorm';
import type { DatabaseTransactions } from '../database/index.js';
import { Deadline } from '../deadline/index.js';
import { InvalidArgumentError } from '../errors/index.js';

/** Where a job stands: PENDING is under way or waits for its turn. */
export const DURABLE_JOB_STATES = ['PENDING', 'DONE', 'FAILED'] as const;
/** One of `DURABLE_JOB_STATES`. */
export type DurableJobState = (typeof DURABLE_JOB_STATES)[number];

/** A job, for operators. */
export interface DurableJobStatus {
  readonly kind: string;
  readonly key: string;
  readonly state: DurableJobState;
  /** How many steps are committed. */
  readonly steps: number;
  /** How often the step that is to come has failed. */
  readonly failures: number;
  /** What it failed with last, or what it waits for. */
  readonly error: string | null;
  /** Whether a worker has it now. */
  readonly isClaimed: boolean;
  /** When it is due; while a worker has it, when its lease ends. */
  readonly nextRunAt: Date;
  readonly createTime: Date;
  /** When it was DONE or FAILED. */
  readonly endTime: Date | null;
}

/** `NOT_FAILED`: it is under way or done, and nothing changes. */
export type JobRetried = 'RETRIED' | 'NOT_FAILED' | 'NOT_FOUND';

/** Which jobs: those that meet every condition given here. */
export interface DurableJobQuery {
  readonly kind?: string | undefined;
  readonly state?: DurableJobState | undefined;
  /** The `next` of the page before. */
  readonly after?: string | undefined;
  /** From 1 to 100. @default 20 */
  readonly limit?: number | undefined;
}

/** One page of the list. */
export interface DurableJobPage {
  readonly jobs: readonly DurableJobStatus[];
  /** The `after` of the next page; null when this is the last one. */
  readonly next: string | null;
}

type Row = Omit<DurableJobStatus, 'steps' | 'failures' | 'isClaimed'> & {
  readonly steps: number | string;
  readonly failures: number | string;
  readonly isClaimed: number | string;
};

const READ_TIMEOUT_MS = 10_000;
const LIMIT_MAX = 100;
const POSITION = /^([A-Za-z0-9._:-]{1,64})\/([A-Za-z0-9._:-]{1,64})$/;
const COLUMNS = `kind, job_key AS \`key\`, state, steps, failures, error, lease_owner IS NOT NULL AS isClaimed,
  next_run_at AS nextRunAt, create_time AS createTime, end_time AS endTime`;

/** Jobs as operators see them, each call in a transaction of its own. */
export class JobReader {
  constructor(private readonly transactions: Pick<DatabaseTransactions, 'run'>) {}

  async find(kind: string, key: string): Promise<DurableJobStatus | undefined> {
    const [row] = await this.read((manager) =>
      manager.query<Row[]>(`SELECT ${COLUMNS} FROM durable_job WHERE kind = ? AND job_key = ?`, [kind, key]),
    );
    return row === undefined ? undefined : toStatus(row);
  }

  async page({ kind, state, after, limit = 20 }: DurableJobQuery): Promise<DurableJobPage> {
    if (!Number.isInteger(limit) || limit < 1 || limit > LIMIT_MAX) {
      throw new InvalidArgumentError('limit', limit, `a whole number from 1 to ${LIMIT_MAX}`);
    }
    const position = after === undefined ? undefined : POSITION.exec(after);
    if (position === null) throw new InvalidArgumentError('after', after, 'the `next` of the page before');
    const conditions: [string, unknown[]][] = [];
    if (kind !== undefined) conditions.push(['kind = ?', [kind]]);
    if (state !== undefined) conditions.push(['state = ?', [state]]);
    if (position !== undefined) conditions.push(['(kind, job_key) > (?, ?)', [position[1], position[2]]]);
    const where = conditions.map(([condition]) => condition).join(' AND ') || 'TRUE';
    const rows = await this.read((manager) =>
      manager.query<Row[]>(
        `SELECT ${COLUMNS} FROM durable_job WHERE ${where} ORDER BY kind, job_key LIMIT ${limit + 1}`,
        conditions.flatMap(([, values]) => values),
      ),
    );
    const jobs = rows.slice(0, limit).map(toStatus);
    const last = jobs.at(-1);
    return { jobs, next: rows.length > limit && last !== undefined ? `${last.kind}/${last.key}` : null };
  }

  /** A FAILED job becomes PENDING and due. */
  reopen(kind: string, key: string): Promise<JobRetried> {
    return this.run('COMMIT', async (manager) => {
      const { affectedRows } = await manager.query<{ affectedRows: number }>(
        `UPDATE durable_job SET state = 'PENDING', failures = 0, end_time = NULL, next_run_at = UTC_TIMESTAMP(3)
         WHERE kind = ? AND job_key = ? AND state = 'FAILED'`,
        [kind, key],
      );
      if (affectedRows === 1) return 'RETRIED';
      const sql = 'SELECT 1 FROM durable_job WHERE kind = ? AND job_key = ?';
      const found = await manager.query<unknown[]>(sql, [kind, key]);
      return found.length === 0 ? 'NOT_FOUND' : 'NOT_FAILED';
    });
  }

  /** Without COMMIT, whose answer may be lost: nothing is ever unknown about a read. */
  private read<T>(work: (entityManager: EntityManager) => Promise<T>): Promise<T> {
    return this.run('ROLLBACK', work);
  }

  private run<T>(
    decision: 'COMMIT' | 'ROLLBACK',
    work: (entityManager: EntityManager) => Promise<T>,
  ): Promise<T> {
    return this.transactions.run(
      async ({ entityManager }) => ({ decision, value: await work(entityManager) }),
      { deadline: Deadline.in(READ_TIMEOUT_MS) },
    );
  }
}

function toStatus({ steps, failures, isClaimed, ...rest }: Row): DurableJobStatus {
  return {
    ...rest,
    steps: Number(steps),
    failures: Number(failures),
    isClaimed: Number(isClaimed) === 1,
  };
}
