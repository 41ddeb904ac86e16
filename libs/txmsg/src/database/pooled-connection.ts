import type { DataSource, QueryRunner } from 'typeorm';
import { DatabaseUnavailableError } from '../errors/index.js';
import { withDeadline } from '../deadline/index.js';
import { SESSION_SETTINGS } from './mysql-data-source-options.js';

/** The part of a mysql2 pool connection that is used here. */
interface DriverConnection {
  promise(): { query(sql: string, parameters?: unknown[]): Promise<[unknown, unknown]> };
  destroy(): void;
}

/** Connections whose session settings are in place; a destroyed one simply drops out. */
const prepared = new WeakSet<object>();

/**
 * One connection taken from the pool of a `DataSource`, with the session settings in place. It ends in
 * exactly one way: `release` gives it back, `destroy` closes it. A connection whose state is not known (a
 * deadline passed, a COMMIT or ROLLBACK failed) is destroyed: given back, it could still carry an open
 * transaction, and the next START TRANSACTION would commit it.
 */
export class PooledConnection {
  private ended = false;
  private commandsUnderWay = 0;

  /** Taken before anyone can put something else in its place. */
  private readonly giveBack: () => Promise<void>;

  private constructor(
    readonly runner: QueryRunner,
    private readonly driver: DriverConnection,
  ) {
    this.giveBack = runner.release.bind(runner);
  }

  /**
   * @param timeoutMs - covers waiting in the pool's queue, connecting, and the settings
   * @throws DatabaseUnavailableError; a connection that arrives too late goes back or is closed by itself
   */
  static async open(dataSource: DataSource, timeoutMs: number): Promise<PooledConnection> {
    const runner = dataSource.createQueryRunner('master');
    const opening: { connection?: PooledConnection; abandoned: boolean } = { abandoned: false };
    const prepare = async (): Promise<PooledConnection> => {
      const driver = (await runner.connect()) as DriverConnection;
      const connection = new PooledConnection(runner, driver);
      opening.connection = connection;
      if (opening.abandoned) connection.release();
      else await connection.applySessionSettings();
      return connection;
    };
    try {
      return await withDeadline(prepare(), timeoutMs, () => new Error(`no answer within ${timeoutMs} ms`));
    } catch (error) {
      opening.abandoned = true;
      opening.connection?.destroy();
      throw new DatabaseUnavailableError('No database connection could be opened.', { cause: error });
    }
  }

  private async applySessionSettings(): Promise<void> {
    if (prepared.has(this.driver)) return;
    await this.command(SESSION_SETTINGS);
    prepared.add(this.driver);
  }

  /** Sends one statement past TypeORM, so that an error is the database's and nobody else's. */
  async command<T = unknown>(sql: string, parameters?: unknown[]): Promise<T> {
    this.commandsUnderWay += 1;
    try {
      const [result] = await this.driver.promise().query(sql, parameters);
      return result as T;
    } finally {
      this.commandsUnderWay -= 1;
    }
  }

  /** True while a `command` waits for the database: a deadline that passes now is the database's doing. */
  get isWaitingForDatabase(): boolean {
    return this.commandsUnderWay > 0;
  }

  /** Closes the socket at once. The server rolls back what was open, unless COMMIT had reached it. */
  destroy(): void {
    if (this.ended) return;
    this.ended = true;
    this.driver.destroy();
    void this.giveBack();
  }

  release(): void {
    if (this.ended) return;
    this.ended = true;
    void this.giveBack();
  }
}
