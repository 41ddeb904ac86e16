import { createConnection, type Connection, type RowDataPacket } from 'mysql2';
import { mysqlPlace, parseMysqlUrl, sessionStatement } from 'txmsg/mysql';
import { AuditUnreadableError } from './audit.error.js';

const CONNECT_TIMEOUT_MS = 5000;
/**
 * How long the server keeps a snapshot whose reader is frozen or gone; an old snapshot makes it keep old row
 * versions. Longer than any of the audit's statements, because one snapshot waits while another is read.
 */
const WAIT_TIMEOUT_SECONDS = 900;
/** The longest statement deadline, well below the above. */
export const QUERY_TIMEOUT_MS_MAX = 600_000;

/** A connection that sees its server as it was when this was opened, whatever is committed afterwards. */
export class SnapshotConnection {
  /** Statements run one after another, so that each has its whole deadline for itself. */
  private last: Promise<unknown> = Promise.resolve();

  private constructor(
    private readonly connection: Connection,
    private readonly place: string,
    private readonly queryTimeoutMs: number,
  ) {}

  /**
   * @param setting - the one that holds the URL, for messages
   * @throws AuditUnreadableError
   */
  static async open(url: string, queryTimeoutMs: number, setting = 'MYSQL_URL'): Promise<SnapshotConnection> {
    const server = parseMysqlUrl(url);
    const driver = createConnection({ ...server, connectTimeout: CONNECT_TIMEOUT_MS, dateStrings: true });
    // Without a listener a connection that breaks between two statements would end the process.
    driver.on('error', () => undefined);
    const timeoutMs = Math.min(queryTimeoutMs, QUERY_TIMEOUT_MS_MAX);
    const connection = new SnapshotConnection(driver, `${mysqlPlace(server)} (${setting})`, timeoutMs);
    try {
      await connection.query(
        sessionStatement({
          transaction_isolation: 'REPEATABLE-READ',
          wait_timeout: WAIT_TIMEOUT_SECONDS,
          // The server gives up as well, and does not go on reading for nobody.
          max_execution_time: timeoutMs,
        }),
      );
      await connection.query('START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY');
      return connection;
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  /** @throws AuditUnreadableError; the connection is of no more use then */
  query<Row>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    const result = this.last.then(() => this.run<Row>(sql, parameters));
    this.last = result.catch(() => undefined);
    return result;
  }

  /** The server ends the transaction, which has only read, by itself. */
  close(): void {
    this.connection.destroy();
  }

  private run<Row>(sql: string, parameters: readonly unknown[]): Promise<Row[]> {
    return new Promise((resolve, reject) => {
      const fail = (what: string, cause?: unknown): void => {
        this.connection.destroy();
        reject(new AuditUnreadableError(`The books at ${this.place} could not be read: ${what}.`, { cause }));
      };
      const timer = setTimeout(() => {
        fail(`the database did not answer within ${this.queryTimeoutMs} ms`);
      }, this.queryTimeoutMs);
      this.connection.query<RowDataPacket[]>(sql, [...parameters], (error, rows) => {
        clearTimeout(timer);
        if (error) fail(error.message, error);
        else resolve(rows as Row[]);
      });
    });
  }
}
