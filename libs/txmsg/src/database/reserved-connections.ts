import { DataSource } from 'typeorm';
import type { Deadline } from '../deadline/index.js';
import { waitAtMost, withDeadline } from '../deadline/index.js';
import { DatabaseUnavailableError } from '../errors/index.js';
import { placeOf } from './database-place.js';
import { PooledConnection } from './pooled-connection.js';
import { waitersOf } from './pool-queue.js';
import { reservedOptions } from './reserved-options.js';

/** The first connection, with what TypeORM asks on it: without an answer in this time, the next caller tries anew. */
const INITIALIZE_TIMEOUT_MS = 10_000;
/** Closing must not wait for a server that no longer answers. */
const CLOSE_TIMEOUT_MS = 1000;

/**
 * A small pool of its own, for what must be answered even when the service's pool is exhausted: check-backs, and the outcome
 * of an unconfirmed COMMIT. Each statement runs in autocommit mode.
 */
export class ReservedConnections {
  private dataSource: DataSource;
  private initialized: Promise<unknown> | undefined;

  constructor(private readonly main: DataSource) {
    this.dataSource = new DataSource(reservedOptions(main.options));
  }

  /** How many wait for one of its connections. */
  get waiters(): number {
    return waitersOf(this.dataSource);
  }

  private get place(): string {
    return placeOf(this.dataSource);
  }

  /** @throws DatabaseUnavailableError when there is no connection or no answer in time; otherwise the statement's error */
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
      // Closing is always safe, whatever state the error left the connection in.
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
    this.initialized ??= this.connect().catch((error: unknown) => {
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

  /** TypeORM waits for its first answers without a deadline. A DataSource that waits is given up, and closed if it wakes up. */
  private async connect(): Promise<void> {
    const connecting = this.dataSource;
    const initializing = connecting.initialize();
    try {
      await withDeadline(
        initializing,
        INITIALIZE_TIMEOUT_MS,
        () => new Error(`no answer within ${INITIALIZE_TIMEOUT_MS} ms`),
      );
    } catch (error) {
      this.dataSource = new DataSource(reservedOptions(this.main.options));
      void initializing.then(
        () => connecting.destroy().catch(() => undefined),
        () => undefined,
      );
      throw error;
    }
  }
}
