import { DatabaseTransactions, Deadline, mysqlDataSourceOptions } from 'txmsg';
import { FaultInjector, type FaultContext } from 'txmsg/faults';
import { createConnection } from 'mysql2/promise';
import { DataSource, type EntitySchema } from 'typeorm';
import { AtBranchProbe } from '../src/at/at-branch.probe.js';
import { resolveAtOptions, type AtOptions } from '../src/at/at.options.js';
import { AtResource } from '../src/at/at.resource.js';
import { AtTransactions, type AtRunOptions } from '../src/at/at-transactions.js';
import type { AtEntityManager } from '../src/at/phase-one/at-entity-manager.js';
import { TableMetadataCache } from '../src/at/table/table-metadata.cache.js';
import { GlobalLockConflictError } from '../src/errors/index.js';
import type { Branch, PhaseTwoAnswer } from '../src/rm/branch.js';
import type { BranchRegistration } from '../src/rm/branch.registrar.js';
import { withinGlobalTransaction } from '../src/tm/global-transaction.context.js';
import { OpenGlobalTransaction } from '../src/tm/open-global-transaction.js';
import { createSeataDatabase } from './seata-database.js';

const TIMEOUT_MS = 20_000;

/** A database of this test file's own, with the library's tables and those that `sql` makes. @returns its URL */
export async function createAtDatabase(label: string, sql: string): Promise<string> {
  const url = await createSeataDatabase(label);
  const connection = await createConnection({ uri: url, multipleStatements: true });
  try {
    await connection.query(sql);
  } finally {
    await connection.end();
  }
  return url;
}

/** Keeps branches and global locks as the coordinator does, without a network. */
export class LockTable {
  readonly branches: (Branch & { readonly lockKey: string })[] = [];
  private readonly holders = new Map<string, string>();

  register({ xid, branchType, resourceId, lockKey = '' }: BranchRegistration): Promise<bigint> {
    if (!this.isFree(xid, lockKey)) {
      return Promise.reject(
        new GlobalLockConflictError(xid, resourceId, lockKey, false, 'another holds it.'),
      );
    }
    for (const row of rowsOf(lockKey)) this.holders.set(row, xid);
    // Larger than a JavaScript number holds.
    const branchId = 9_007_199_254_740_993n + BigInt(this.branches.length);
    this.branches.push({ xid, branchId, branchType, resourceId, applicationData: '', lockKey });
    return Promise.resolve(branchId);
  }

  lockQuery({ xid, lockKey }: { readonly xid: string; readonly lockKey: string }): Promise<boolean> {
    return Promise.resolve(this.isFree(xid, lockKey));
  }

  hold(xid: string, row: string): void {
    this.holders.set(row, xid);
  }

  release(xid: string): void {
    for (const [row, holder] of this.holders) if (holder === xid) this.holders.delete(row);
  }

  private isFree(xid: string, lockKey: string): boolean {
    return rowsOf(lockKey).every((row) => (this.holders.get(row) ?? xid) === xid);
  }
}

function rowsOf(lockKey: string): string[] {
  return lockKey.split(';').flatMap((part) => {
    const [table = '', keys = ''] = part.split(':');
    return keys.split(',').map((key) => `${table}:${key}`);
  });
}

/** Calls what a test has put at a fault point. */
export class TestFaults extends FaultInjector {
  private readonly actions = new Map<string, (context: FaultContext) => Promise<void> | void>();

  on(step: string, action: (context: FaultContext) => Promise<void> | void): void {
    this.actions.set(`service:seata.at.${step}`, action);
  }

  async at(point: string, context: FaultContext): Promise<void> {
    await this.actions.get(point)?.(context);
  }

  clear(): void {
    this.actions.clear();
  }
}

/** AT on a real database, with a lock table for the coordinator. */
export class AtService {
  readonly faults = new TestFaults();
  locks = new LockTable();
  private numbers = 0;

  private constructor(
    readonly dataSource: DataSource,
    readonly probe: AtBranchProbe,
    readonly resource: AtResource,
    private readonly make: (service: AtService) => AtTransactions,
  ) {}

  static async start(
    url: string,
    { entities = [], ...options }: AtOptions & { readonly entities?: EntitySchema[] } = {},
  ): Promise<AtService> {
    const typeorm = {
      ...mysqlDataSourceOptions(url, { connectionLimit: 10, connectTimeoutMs: 30_000 }),
      entities,
    };
    const dataSource = await new DataSource(typeorm).initialize();
    const transactions = new DatabaseTransactions(dataSource);
    const probe = new AtBranchProbe(transactions);
    const settings = resolveAtOptions(
      { attemptsMax: 3, markerPurgeIntervalMs: 0, ...options },
      dataSource.options as never,
    );
    const database = {
      name: new URL(url).pathname.slice(1),
      tables: new TableMetadataCache(settings.metadataMaxAgeMs),
    };
    const faults = (service: AtService): FaultInjector => service.faults;
    const service: AtService = new AtService(
      dataSource,
      probe,
      new AtResource(transactions, { at: (...call) => faults(service).at(...call) }, settings),
      (one) =>
        new AtTransactions(transactions, one.registrar as never, probe, one.faults, database, settings),
    );
    await service.resource.start();
    return service;
  }

  /** The lock table that is in use now. */
  private get registrar(): object {
    return {
      register: (request: BranchRegistration) => this.locks.register(request),
      lockQuery: (request: never) => this.locks.lockQuery(request),
    };
  }

  global(timeoutMs = TIMEOUT_MS): OpenGlobalTransaction {
    this.numbers += 1;
    return new OpenGlobalTransaction(`10.0.0.1:8091:${this.numbers}`, 'INITIATOR', Deadline.in(timeoutMs));
  }

  run<T>(
    global: OpenGlobalTransaction,
    work: (manager: AtEntityManager) => Promise<T>,
    options?: AtRunOptions,
  ): Promise<T> {
    this.transactions ??= this.make(this);
    const { transactions } = this;
    return withinGlobalTransaction(global, () => transactions.run(work, options));
  }
  private transactions: AtTransactions | undefined;

  /** One statement as a branch of a global transaction of its own. */
  async branch(...statements: [string, unknown[]?][]): Promise<OpenGlobalTransaction> {
    const global = this.global();
    await this.run(global, async (manager) => {
      for (const [sql, parameters] of statements) await manager.query(sql, parameters);
    });
    return global;
  }

  last(): Branch & { readonly lockKey: string } {
    const last = this.locks.branches.at(-1);
    if (last === undefined) throw new Error('no branch was registered');
    return last;
  }

  async commit(branch: Branch = this.last()): Promise<PhaseTwoAnswer> {
    const answer = await this.resource.commit(branch, Deadline.in(TIMEOUT_MS));
    this.locks.release(branch.xid);
    return answer;
  }

  async rollback(branch: Branch = this.last()): Promise<PhaseTwoAnswer> {
    const answer = await this.resource.rollback(branch, Deadline.in(TIMEOUT_MS));
    if (answer !== 'RETRY') this.locks.release(branch.xid);
    return answer;
  }

  query<T = Record<string, unknown>>(sql: string, parameters?: unknown[]): Promise<T[]> {
    return this.dataSource.query<T[]>(sql, parameters);
  }

  /** `log_status` of every row, in the order in which they were written. */
  async undoLogs(): Promise<number[]> {
    const rows = await this.query<{ log_status: number }>('SELECT log_status FROM undo_log ORDER BY id');
    return rows.map(({ log_status }) => log_status);
  }

  async close(): Promise<void> {
    await this.resource.stop(1000);
    await this.dataSource.destroy();
  }
}
