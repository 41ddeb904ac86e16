import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Contents } from '../barrier/index.js';
import { DatabaseTransactions, isDuplicateEntry, prepared } from '../database/index.js';
import { InvalidArgumentError, JobKeyConflictError } from '../errors/index.js';
import { FaultInjector } from '../faults/index.js';
import { encodeContents, TX_NO_PATTERN } from '../limits/index.js';
import { TXMSG_SETTINGS, type TxMsgSettings } from '../options/txmsg.options.js';
import { carrierOf } from '../telemetry/index.js';
import {
  JobReader,
  type DurableJobPage,
  type DurableJobQuery,
  type DurableJobStatus,
  type JobRetried,
} from './job.reader.js';
import { JobRuntime } from './job.runtime.js';

/** A piece of work to start. */
export interface JobStart {
  /** Identifies it among those of its kind: 1 to 64 characters of A-Z a-z 0-9 . _ : -, other than "." and "..". */
  readonly key: string;
  /** One of the kinds that this service has a `@DurableJob` class for. */
  readonly kind: string;
  /** A JSON object, no larger than a message may be; the handler is given it with every step. */
  readonly input: object;
}

const INSERT = prepared(
  `INSERT INTO durable_job (kind, job_key, input, contents_hash, properties, next_run_at, create_time)
   VALUES (?, ?, ?, ?, ?, UTC_TIMESTAMP(3), UTC_TIMESTAMP(3))`,
);

/** `STARTED`, or `EXISTS` when the same key was started with the same input before: then nothing changes. */
export type JobStarted = 'STARTED' | 'EXISTS';

/**
 * Long work that follows from a transaction, such as that of a message handler: the transaction starts a job and returns at
 * once, and workers make the job's steps (`DurableJobHandler`) in short transactions of their own.
 *
 * Guaranteed: a job is started if and only if the transaction commits. Each step takes effect exactly once, in its order, no
 * matter which process crashes or is frozen: its transaction locks the job and stores nothing when another worker has claimed
 * it. One worker at a time works on a job, in any number of processes; for parallel work start several jobs. A job ends
 * DONE, or FAILED when a step has failed `attemptsMax` times; a FAILED one stays until `retry`.
 *
 * Not guaranteed: when a step is made (at once after the start, and up to 30 s later after a crash); the order of jobs; that
 * a key is known indefinitely: DONE jobs are deleted as barrier rows are, after `barrierRetentionMs`, and the key may be started
 * again then. What must be unique for longer has a table of the service's own.
 */
@Injectable()
export class DurableJobs {
  private readonly reader: JobReader;

  /** @internal Made by the module; inject it. */
  constructor(
    private readonly transactions: DatabaseTransactions,
    private readonly runtime: JobRuntime,
    private readonly faults: FaultInjector,
    @Inject(TXMSG_SETTINGS) private readonly settings: Pick<TxMsgSettings, 'messageLimits'>,
  ) {
    this.reader = new JobReader(transactions);
  }

  /**
   * Joins the transaction of `entityManager`; the first step is made after its COMMIT, and never if it is rolled back: at
   * once when the library began the transaction (that of a handler or listener), else within about a second. The trace of
   * the caller goes on in the steps.
   *
   * Steps lock their job before the service's own rows, so call this before you touch rows that the steps touch too.
   * @throws JobKeyConflictError when the key was started with another input; a message whose handler throws it becomes a dead
   *   letter `TX_NO_CONFLICT` at once
   * @throws InvalidArgumentError - also when `entityManager` is in no transaction, or this service does not handle the kind;
   *   ContentsNotJsonError and MessageTooLargeError, which are such, when JSON cannot hold the input, or it is larger than a
   *   message may be (option `messageLimits`)
   */
  async start(entityManager: EntityManager, { key, kind, input }: JobStart): Promise<JobStarted> {
    if (entityManager.queryRunner?.isTransactionActive !== true) {
      throw new InvalidArgumentError(
        'entityManager',
        undefined,
        'it must be the one of a running transaction',
      );
    }
    requireKey(key);
    this.requireKind(kind);
    const contents = Contents.of(input);
    const body = encodeContents(contents, this.settings.messageLimits).toString('utf8');
    // Without a lock: a step of the job may be running, and a message that is delivered again need not wait for it.
    const first = await hashOf(entityManager, kind, key);
    if (first !== undefined) return sameAs(first, contents, { kind, key });
    const carrier = carrierOf();
    try {
      await entityManager.query(INSERT, [
        kind,
        key,
        body,
        contents.hash,
        carrier === undefined ? null : JSON.stringify(carrier),
      ]);
    } catch (error) {
      if (!isDuplicateEntry(error)) throw error;
      const other = await hashOf(entityManager, kind, key);
      if (other === undefined) throw error;
      return sameAs(other, contents, { kind, key });
    }
    this.transactions.onEnd(entityManager, () => {
      this.runtime.wake(kind);
    });
    await this.faults.at('job.stored', { txNo: key });
    return 'STARTED';
  }

  /** One job, in a read of its own; undefined when there is none. @throws InvalidArgumentError; database errors */
  async find(kind: string, key: string): Promise<DurableJobStatus | undefined> {
    requireKey(key);
    this.requireKind(kind);
    return this.reader.find(kind, key);
  }

  /**
   * One page of the jobs in this database, in the order of kind and key; without `kind` also those of kinds that this service
   * does not handle. @throws InvalidArgumentError; database errors
   */
  async list(query: DurableJobQuery = {}): Promise<DurableJobPage> {
    if (query.kind !== undefined) this.requireKind(query.kind);
    // A service without jobs may lack the table.
    return this.runtime.kinds.length === 0 ? { jobs: [], next: null } : this.reader.page(query);
  }

  /**
   * For an operator, once the reason of the failure is mended: a FAILED job goes on with the step that failed, in a
   * transaction of its own. Repeating the call has no further effect.
   * @throws InvalidArgumentError; database errors
   */
  async retry(kind: string, key: string): Promise<JobRetried> {
    requireKey(key);
    this.requireKind(kind);
    const result = await this.reader.reopen(kind, key);
    if (result === 'RETRIED') this.runtime.wake(kind);
    return result;
  }

  private requireKind(kind: string): void {
    const { kinds } = this.runtime;
    if (kinds.includes(kind)) return;
    const known = kinds.join(', ') || 'none';
    throw new InvalidArgumentError(
      'kind',
      kind,
      `it must be one that a @DurableJob class of this service handles (${known})`,
    );
  }
}

function requireKey(key: unknown): void {
  if (typeof key === 'string' && TX_NO_PATTERN.test(key)) return;
  throw new InvalidArgumentError('key', key, `it must match ${TX_NO_PATTERN.source}`);
}

async function hashOf(manager: EntityManager, kind: string, key: string): Promise<Buffer | undefined> {
  const [row] = await manager.query<{ contents_hash: Buffer }[]>(
    'SELECT contents_hash FROM durable_job WHERE kind = ? AND job_key = ?',
    [kind, key],
  );
  return row?.contents_hash;
}

function sameAs(hash: Buffer, contents: Contents, { kind, key }: Omit<JobStart, 'input'>): JobStarted {
  if (contents.hash.equals(hash)) return 'EXISTS';
  throw new JobKeyConflictError(kind, key);
}
