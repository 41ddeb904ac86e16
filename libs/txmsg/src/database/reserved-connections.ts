import { DataSource, type DataSourceOptions } from 'typeorm';
import type { Deadline } from '../deadline/index.js';
import { withDeadline } from '../deadline/index.js';
import { DatabaseUnavailableError } from '../errors/index.js';
import { PooledConnection } from './pooled-connection.js';

/** How many connections are kept for the library's own questions, beside the service's pool. */
const RESERVED_CONNECTIONS_MAX = 2;
/** A server that does not answer any more keeps nobody from ending. */
const CLOSE_TIMEOUT_MS = 1000;

/**
 * A small pool of its own, for what must be answered even when the service's pool is used up: check-backs, and
 * the question what became of a COMMIT. Statements here run alone, in autocommit mode.
 */
export class ReservedConnections {
  private readonly dataSource: DataSource;
  private initialized: Promise<unknown> | undefined;

  constructor(main: DataSource) {
    this.dataSource = new DataSource(reservedOptions(main.options));
  }

  /** @throws DatabaseUnavailableError when no connection came; otherwise whatever the statement raised */
  async execute<T>(sql: string, parameters: unknown[], deadline: Deadline): Promise<T> {
    await this.initialize(deadline);
    const connection = await PooledConnection.open(this.dataSource, deadline.remainingMs());
    try {
      const timeoutMs = deadline.remainingMs();
      const result = await withDeadline(
        connection.command<T>(sql, parameters),
        timeoutMs,
        () => new DatabaseUnavailableError(`The database did not answer within ${timeoutMs} ms.`),
      );
      connection.release();
      return result;
    } catch (error) {
      // Cheap, and right whatever the error says about the connection.
      connection.destroy();
      throw error;
    }
  }

  async close(): Promise<void> {
    const close = async (): Promise<void> => {
      await this.initialized?.catch(() => undefined);
      if (this.dataSource.isInitialized) await this.dataSource.destroy();
    };
    await withDeadline(close(), CLOSE_TIMEOUT_MS, () => new Error('late')).catch(() => undefined);
  }

  private async initialize(deadline: Deadline): Promise<void> {
    this.initialized ??= this.dataSource.initialize().catch((error: unknown) => {
      this.initialized = undefined;
      throw new DatabaseUnavailableError('No database connection could be opened.', { cause: error });
    });
    await withDeadline(
      this.initialized,
      deadline.remainingMs(),
      () => new DatabaseUnavailableError('The database did not answer in time.'),
    );
  }
}

function reservedOptions(main: DataSourceOptions): DataSourceOptions {
  const extra = main.extra as Record<string, unknown> | undefined;
  return {
    ...main,
    name: undefined,
    entities: [],
    subscribers: [],
    migrations: [],
    synchronize: false,
    migrationsRun: false,
    extra: { ...extra, connectionLimit: RESERVED_CONNECTIONS_MAX, maxIdle: RESERVED_CONNECTIONS_MAX - 1 },
  } as unknown as DataSourceOptions;
}
