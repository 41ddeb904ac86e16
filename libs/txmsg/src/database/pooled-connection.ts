import type { DataSource, QueryRunner } from 'typeorm';
import { DatabaseUnavailableError } from '../errors/index.js';
import { withDeadline } from '../deadline/index.js';
import { placeOf } from './database-place.js';
import { QueuePlace, waitersMaxOf, waitersOf } from './pool-queue.js';
import { isUnfit, watchStatements } from './connection-statements.js';
import { closeNow, pinSession, type DriverConnection } from './session-settings.js';

/**
 * One connection taken from the pool of a `DataSource`, with the session settings in place. It ends in
 * exactly one way: `release` gives it back, `destroy` closes it. A connection whose state is not known (a
 * deadline passed, a COMMIT or ROLLBACK failed) is destroyed: given back, it could still carry an open
 * transaction, and the next START TRANSACTION would commit it.
 */
export class PooledConnection {
  private ended = false;
  private commandsUnderWay = 0;

  /** The driver's own `query`, read before anything can replace it. */
  private readonly giveBack: () => Promise<void>;

  private constructor(
    readonly runner: QueryRunner,
    private readonly driver: DriverConnection,
  ) {
    this.giveBack = runner.release.bind(runner);
  }

  /**
   * @param timeoutMs - covers waiting in the pool's queue, connecting, and the settings
   * @throws DatabaseUnavailableError, also at once when too many callers wait already. A caller that stops waiting is removed
   * from the pool's queue; a connection that arrives too late is given back, and one that does not answer is closed
   */
  static async open(dataSource: DataSource, timeoutMs: number): Promise<PooledConnection> {
    const waiters = waitersOf(dataSource);
    if (waiters >= waitersMaxOf(dataSource))
      throw unavailable(dataSource, `${waiters} callers wait for one already`);
    const runner = dataSource.createQueryRunner('master');
    let isAbandoned = false;
    let arrived: DriverConnection | undefined;
    let connecting: Promise<unknown> | undefined;
    const place = QueuePlace.after(dataSource, () => {
      connecting = runner.connect();
    });
    const open = async (): Promise<PooledConnection> => {
      const driver = (await connecting) as DriverConnection;
      const connection = new PooledConnection(runner, driver);
      if (isAbandoned) {
        connection.release();
        return connection;
      }
      arrived = driver;
      await pinSession(driver);
      watchStatements(driver);
      return connection;
    };
    try {
      return await withDeadline(open(), timeoutMs, () => new Error(`no answer within ${timeoutMs} ms`));
    } catch (error) {
      isAbandoned = true;
      place.leave();
      if (arrived !== undefined) closeNow(arrived);
      throw unavailable(dataSource, (error as Error).message, error);
    }
  }

  /** Sends one statement without TypeORM, so that an error can only be the database's. */
  async command<T = unknown>(sql: string, parameters?: unknown[]): Promise<T> {
    this.commandsUnderWay += 1;
    try {
      const [result] = await this.driver.promise().query(sql, parameters);
      return result as T;
    } finally {
      this.commandsUnderWay -= 1;
    }
  }

  /** True while a `command` waits for the database: a deadline that passes now is not the handler's fault. */
  get isWaitingForDatabase(): boolean {
    return this.commandsUnderWay > 0;
  }

  /** Closes the socket at once. The server rolls back what was open, unless COMMIT had reached it. */
  destroy(): void {
    if (this.ended) return;
    this.ended = true;
    closeNow(this.driver);
    void this.giveBack();
  }

  /** Gives it back to the pool; closes it instead when it is unusable or still busy. */
  release(): void {
    if (this.ended) return;
    if (isUnfit(this.driver)) {
      this.destroy();
      return;
    }
    this.ended = true;
    void this.giveBack();
  }
}

function unavailable(dataSource: DataSource, reason: string, cause?: unknown): DatabaseUnavailableError {
  const sentence = `No connection to MySQL at ${placeOf(dataSource)} could be had: ${reason}.`;
  return new DatabaseUnavailableError(sentence, { cause });
}
