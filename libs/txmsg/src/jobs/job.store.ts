import { randomUUID } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import { prepared, type DatabaseTransactions } from '../database/index.js';
import { Deadline } from '../deadline/index.js';
import { cutText } from '../errors/cut-text.js';

/** A job that a worker has claimed. */
export interface ClaimedJob {
  readonly kind: string;
  readonly key: string;
  /** Identifies this claim; a later claim of the same job has another, and this one stores nothing any more. */
  readonly lease: string;
  /** What was stored with it for its trace; unchecked, and null without an SDK. */
  readonly properties: unknown;
}

/** How far a job has come. */
export interface JobProgress {
  readonly input: object;
  readonly cursor: object | undefined;
  readonly steps: number;
}

/** A failure of a step, as it stands in the row once it is stored. */
export interface StoredFailure {
  readonly state: 'PENDING' | 'FAILED';
  readonly failures: number;
}

interface ProgressRow {
  readonly input: string;
  readonly step_cursor: string | null;
  readonly steps: number | string;
}

const STATEMENT_TIMEOUT_MS = 5000;
/**
 * How long a worker has a job without storing anything, and so the delay that its crash causes. Longer than preparing a step
 * and making it may take together.
 */
export const LEASE_SECONDS = 30;
const LEASE_END = `UTC_TIMESTAMP(3) + INTERVAL ${LEASE_SECONDS} SECOND`;
const ERROR_CHARACTERS_MAX = 2000;
/** In ms: what a failed step waits for at most. */
const FAILURE_PAUSE_MAX_MS = 60_000;

/** Every statement of a claim names it: whoever was frozen until his lease ended finds nothing to change. */
const MINE = "kind = ? AND job_key = ? AND lease_owner = ? AND state = 'PENDING'";
const mine = ({ kind, key, lease }: ClaimedJob): string[] => [kind, key, lease];

const ADVANCE = prepared(
  `UPDATE durable_job SET steps = steps + 1, step_cursor = ?, failures = 0, error = NULL,
     next_run_at = ${LEASE_END} WHERE ${MINE}`,
);
/** From left to right: what stands behind it sees the new number. The pause doubles, give or take a tenth. */
const FAIL = prepared(
  `UPDATE durable_job SET failures = failures + 1, error = ?, lease_owner = NULL,
     next_run_at = UTC_TIMESTAMP(3) + INTERVAL
       ROUND(? * LEAST(${FAILURE_PAUSE_MAX_MS}, 1000 * POW(2, LEAST(failures - 1, 16)))) * 1000 MICROSECOND,
     end_time = IF(failures >= ?, UTC_TIMESTAMP(3), NULL),
     state = IF(failures >= ?, 'FAILED', 'PENDING')
   WHERE ${MINE}`,
);
const GIVE_BACK = prepared(
  `UPDATE durable_job SET lease_owner = NULL, error = COALESCE(?, error),
     next_run_at = UTC_TIMESTAMP(3) + INTERVAL ? MICROSECOND WHERE ${MINE}`,
);

/**
 * The rows of `durable_job`, as workers use them. The index of the claim is forced: MySQL scans a table that its statistics
 * call small, and a scan locks every row.
 */
export class JobStore {
  constructor(private readonly transactions: Pick<DatabaseTransactions, 'run' | 'autocommit'>) {}

  /** Up to `jobsMax` due jobs of this kind, for this worker alone until the lease ends. */
  claim(kind: string, jobsMax: number): Promise<ClaimedJob[]> {
    return this.run(async (entityManager) => {
      const rows = await entityManager.query<{ job_key: string; properties: unknown }[]>(
        `SELECT job_key, properties FROM durable_job FORCE INDEX (state_kind_next_run_at)
         WHERE state = 'PENDING' AND kind = ? AND next_run_at <= UTC_TIMESTAMP(3)
         ORDER BY next_run_at LIMIT ${jobsMax} FOR UPDATE SKIP LOCKED`,
        [kind],
      );
      if (rows.length === 0) return [];
      const lease = randomUUID();
      await entityManager.query(
        `UPDATE durable_job SET lease_owner = ?, next_run_at = ${LEASE_END}
         WHERE kind = ? AND job_key IN (${rows.map(() => '?').join(', ')})`,
        [lease, kind, ...rows.map(({ job_key }) => job_key)],
      );
      return rows.map(({ job_key, properties }) => ({ kind, key: job_key, lease, properties }));
    });
  }

  /** Without a lock; undefined when the job is not this claim's any more. */
  read(claim: ClaimedJob): Promise<JobProgress | undefined> {
    return this.transactions.autocommit(STATEMENT_TIMEOUT_MS, (entityManager) =>
      progressOf(entityManager, claim, ''),
    );
  }

  /** Locks the job until the step's transaction ends: neither another claim nor another step can come in between. */
  lock(entityManager: EntityManager, claim: ClaimedJob): Promise<JobProgress | undefined> {
    return progressOf(entityManager, claim, 'FOR UPDATE');
  }

  /** In the step's transaction: where the next step goes on. The lease begins anew. */
  async advance(entityManager: EntityManager, claim: ClaimedJob, cursor: string): Promise<void> {
    await entityManager.query(ADVANCE, [cursor, ...mine(claim)]);
  }

  /** In the last step's transaction. */
  async finish(entityManager: EntityManager, claim: ClaimedJob): Promise<void> {
    await entityManager.query(
      `UPDATE durable_job SET steps = steps + 1, state = 'DONE', failures = 0, error = NULL, lease_owner = NULL,
         end_time = UTC_TIMESTAMP(3) WHERE ${MINE}`,
      mine(claim),
    );
  }

  /** Counts a failure of the step, and gives the lease back. Undefined when the job is not this claim's any more. */
  fail(claim: ClaimedJob, error: string, attemptsMax: number): Promise<StoredFailure | undefined> {
    return this.run(async (entityManager) => {
      const { affectedRows } = await entityManager.query<{ affectedRows: number }>(FAIL, [
        cutText(error, ERROR_CHARACTERS_MAX),
        0.9 + Math.random() * 0.2,
        attemptsMax,
        attemptsMax,
        ...mine(claim),
      ]);
      if (affectedRows === 0) return undefined;
      const [row] = await entityManager.query<StoredFailure[]>(
        'SELECT state, failures FROM durable_job WHERE kind = ? AND job_key = ?',
        [claim.kind, claim.key],
      );
      return row;
    });
  }

  /** Gives the lease back: due again after `afterMs`. `reason`: what is waited for, if anything. */
  async giveBack(claim: ClaimedJob, afterMs: number, reason?: string): Promise<void> {
    await this.run((entityManager) =>
      entityManager.query(GIVE_BACK, [
        reason === undefined ? null : cutText(reason, ERROR_CHARACTERS_MAX),
        afterMs * 1000,
        ...mine(claim),
      ]),
    );
  }

  private run<T>(work: (entityManager: EntityManager) => Promise<T>): Promise<T> {
    return this.transactions.run(
      async ({ entityManager }) => ({ decision: 'COMMIT', value: await work(entityManager) }),
      { deadline: Deadline.in(STATEMENT_TIMEOUT_MS) },
    );
  }
}

/** A lease that has ended does not count either, although nobody else may have claimed the job yet. */
async function progressOf(
  entityManager: EntityManager,
  claim: ClaimedJob,
  locking: '' | 'FOR UPDATE',
): Promise<JobProgress | undefined> {
  const [row] = await entityManager.query<ProgressRow[]>(
    `SELECT input, step_cursor, steps FROM durable_job
     WHERE ${MINE} AND next_run_at > UTC_TIMESTAMP(3) ${locking}`,
    mine(claim),
  );
  if (row === undefined) return undefined;
  return {
    input: JSON.parse(row.input) as object,
    cursor: row.step_cursor === null ? undefined : (JSON.parse(row.step_cursor) as object),
    steps: Number(row.steps),
  };
}
