import { TransactionOverError, UnfinishedStatementError, type Deadline } from 'txmsg';
import { GlobalLockConflictError } from '../../errors/index.js';
import { AtImageChangedError, AtStatementRefusedError } from '../../errors/at.errors.js';
import { ImageQuery } from '../image/image.query.js';
import type { UndoEntry } from '../image/image.js';
import type { StatementCache } from '../sql/statement.cache.js';
import type {
  AtStatement,
  ChangingStatement,
  LockingSelect,
  PlainSelect,
  TableReference,
} from '../sql/statement.js';
import { refusalOf } from '../sql/statement.rules.js';
import type { TableMetadataCache } from '../table/table-metadata.cache.js';
import type { TableMetadata } from '../table/table-metadata.js';
import { ChangeRecorder } from './change.recorder.js';
import { lockKeyOf } from './lock-key.js';
import { assertParameters } from './parameter.rules.js';
import { imageColumnsOf } from './table.rules.js';

/** Sends a statement as TypeORM does. */
export type Send = (sql: string, parameters?: unknown[], structured?: boolean) => Promise<unknown>;

/** What the work of one try needs from outside. */
export interface AtWorkEnvironment {
  readonly statements: StatementCache;
  readonly tables: TableMetadataCache;
  readonly rowsMax: number;
  readonly database: string;
  /** True when no other global transaction holds these rows. */
  readonly lockQuery: (lockKey: string, deadline: Deadline) => Promise<boolean>;
  readonly lockConflict: (lockKey: string) => GlobalLockConflictError;
  readonly faultAt: (step: 'before-image' | 'executed') => Promise<void>;
  readonly deadline: Deadline;
}

/**
 * The statements of one try of the work, and how to undo them. They run one after the other, however they were called: between
 * the images of one nothing else may change.
 */
export class AtWork {
  /** In the order in which they were made. */
  readonly entries: UndoEntry[] = [];
  private queue: Promise<unknown> = Promise.resolve();
  private waiting = 0;
  private failure: unknown;
  private isOver = false;

  constructor(private readonly environment: AtWorkEnvironment) {}

  /**
   * Analyses a statement and carries it out.
   * @throws AtStatementRefusedError before it runs; TransactionOverError after the end; what it throws itself
   */
  statement(send: Send, sql: string, parameters: unknown[] = [], structured?: boolean): Promise<unknown> {
    if (this.isOver) return Promise.reject(new TransactionOverError('COMMIT'));
    this.waiting += 1;
    const answer = this.queue.then(() => this.carryOut(send, sql, parameters, structured));
    this.queue = answer.catch(() => undefined);
    return answer.finally(() => (this.waiting -= 1));
  }

  /**
   * For a part with a savepoint: what a statement that is still under way has changed belongs to either side of it.
   * @throws UnfinishedStatementError for a missing await; TransactionOverError after the end
   */
  assertIdle(): void {
    if (this.isOver) throw new TransactionOverError('COMMIT');
    if (this.waiting > 0) throw new UnfinishedStatementError(this.waiting);
  }

  /** Forgets what was done since `mark` (a length of `entries`), because a savepoint has undone it. */
  forgetSince(mark: number): void {
    this.entries.length = mark;
  }

  /**
   * Ends it when the work has returned: a statement that came later would be committed without an undo log, and under no lock.
   * @throws UnfinishedStatementError for a missing await; the error after which the changes are no longer known in full, also
   * when the work has caught it
   */
  end(): void {
    if (this.failure !== undefined) throw this.failure as Error;
    this.assertIdle();
    this.isOver = true;
  }

  private async carryOut(
    send: Send,
    sql: string,
    parameters: unknown[],
    structured: boolean | undefined,
  ): Promise<unknown> {
    if (this.failure !== undefined) throw this.failure as Error;
    const statement = this.environment.statements.analyse(sql);
    assertParameters(statement, parameters);
    const execute = (): Promise<unknown> => send(sql, parameters, structured);
    switch (statement.kind) {
      case 'PLAIN_SELECT':
        return this.read(statement, send, execute);
      case 'SELECT_FOR_UPDATE':
        return this.orFail(() => this.lock(statement, send, parameters, execute));
      case 'INSERT':
      case 'UPDATE':
      case 'DELETE':
        return this.change(statement, send, parameters, execute);
    }
  }

  private async read(statement: PlainSelect, send: Send, execute: () => Promise<unknown>): Promise<unknown> {
    if (statement.functions.length > 0) {
      const stored = await this.environment.tables.storedFunctions(send);
      const called = statement.functions.find((name) => stored.has(name) || name.includes('.'));
      if (called !== undefined) {
        refusalOf(statement.sql)(`it calls the stored function ${called}(), which may change rows`);
      }
    }
    return execute();
  }

  /** Rows that the statement shows are read while this transaction holds them, and no other global transaction does. */
  private async lock(
    statement: LockingSelect,
    send: Send,
    parameters: unknown[],
    execute: () => Promise<unknown>,
  ): Promise<unknown> {
    const { rowsMax, lockQuery, lockConflict, deadline } = this.environment;
    const table = await this.tableOf(statement, statement.table, send);
    const columns = imageColumnsOf(statement, table, parameters);
    const images = new ImageQuery(send, rowsMax);
    const rows = () => images.chosenRows(table, columns, statement.table, statement.rows, parameters);
    const locked = await rows();
    const answer = await execute();
    const isSame = shownRows(answer) === locked.rows.length;
    // With LIMIT a row that came between may have pushed another one out.
    if (!isSame || (statement.rows.hasLimit && lockKeyOf([await rows()]) !== lockKeyOf([locked]))) {
      throw new AtImageChangedError(table.name, 'other rows were shown than were locked first');
    }
    const lockKey = lockKeyOf([locked]);
    if (lockKey !== '' && !(await lockQuery(lockKey, deadline))) throw lockConflict(lockKey);
    return answer;
  }

  private async change(
    statement: ChangingStatement,
    send: Send,
    parameters: unknown[],
    execute: () => Promise<unknown>,
  ): Promise<unknown> {
    const { rowsMax, faultAt, tables } = this.environment;
    const table = await this.tableOf(statement, statement.table, send);
    const columns = imageColumnsOf(statement, table, parameters);
    const progress = { hasChanged: false };
    const recorder = new ChangeRecorder(table, columns, parameters, {
      query: send,
      execute,
      beforeExecute: () => faultAt('before-image'),
      executed: () => {
        progress.hasChanged = true;
        return faultAt('executed');
      },
      rowsMax,
    });
    try {
      const { entry, answer } = await recorder.record(statement);
      if (entry.before.rows.length + entry.after.rows.length > 0) this.entries.push(entry);
      return answer;
    } catch (error) {
      if (error instanceof AtImageChangedError) tables.forget(statement.table.name);
      if (progress.hasChanged) this.failure ??= error;
      throw error;
    }
  }

  private async orFail<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof AtStatementRefusedError)) this.failure ??= error;
      throw error;
    }
  }

  private async tableOf(
    { sql }: AtStatement,
    { schema, name }: TableReference,
    send: Send,
  ): Promise<TableMetadata> {
    const refuse = refusalOf(sql);
    if (schema !== undefined && schema !== this.environment.database) {
      refuse(`it names the database "${schema}", and AT works in "${this.environment.database}" alone`);
    }
    const table = await this.environment.tables.table(send, name);
    return table ?? refuse(`there is no table "${name}"`, 'Correct the name.');
  }
}

/** The number of rows in mysql2's answer, or in what TypeORM makes of it. */
function shownRows(answer: unknown): number {
  const rows = Array.isArray(answer) ? answer : (answer as { readonly raw?: unknown } | undefined)?.raw;
  return Array.isArray(rows) ? rows.length : -1;
}
