import { DataSource } from 'typeorm';
import type { Deadline } from '../deadline/index.js';
import { waitAtMost, withDeadline } from '../deadline/index.js';
import { DatabaseUnavailableError } from '../errors/index.js';
import { placeOf } from './database-place.js';
import { PooledConnection } from './pooled-connection.js';
import { reservedOptions } from './reserved-options.js';

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

  private get place(): string {
    return placeOf(this.dataSource);
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
        () => new DatabaseUnavailableError(`MySQL at ${this.place} did not answer within ${timeoutMs} ms.`),
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
    await waitAtMost(close(), CLOSE_TIMEOUT_MS);
  }

  private async initialize(deadline: Deadline): Promise<void> {
    this.initialized ??= this.dataSource.initialize().catch((error: unknown) => {
      this.initialized = undefined;
      const reason = (error as Error).message;
      const sentence = `No connection to MySQL at ${this.place} could be had: ${reason}.`;
      throw new DatabaseUnavailableError(sentence, { cause: error });
    });
    await withDeadline(
      this.initialized,
      deadline.remainingMs(),
      () => new DatabaseUnavailableError(`MySQL at ${this.place} did not answer in time.`),
    );
  }
}
