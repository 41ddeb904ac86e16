import { hasMessages, serviceNamed, type ServiceName } from '@txmsg/contracts';
import { createPool, type Pool, type RowDataPacket } from 'mysql2/promise';
import { parseMysqlUrl } from 'txmsg/mysql';

/** The databases of some services, read by MySQL's administrator and not through the services. */
export class Databases {
  private readonly pool: Pool;

  constructor(
    rootUrl: string,
    private readonly services: readonly ServiceName[],
  ) {
    this.pool = createPool({ ...parseMysqlUrl(rootUrl), connectionLimit: 2, connectTimeout: 5000 });
  }

  async query<Row>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    const [rows] = await this.pool.query<RowDataPacket[]>(sql, [...parameters]);
    return rows as Row[];
  }

  /** Messages of every outbox that have not gone out. */
  async unpublished(): Promise<number> {
    const counts = this.schemas().map(
      (schema) => `(SELECT COUNT(*) FROM ${schema}.local_message WHERE state = 'PENDING')`,
    );
    const [row] = await this.query<{ n: string }>(`SELECT ${counts.join(' + ')} AS n`);
    return Number(row?.n);
  }

  async deadLetters(): Promise<string[]> {
    const parts = this.schemas().map(
      (schema) =>
        `SELECT CONCAT(consumer_group, ' ', COALESCE(tx_no, message_id), ' ', reason) AS what FROM ${schema}.dead_letter`,
    );
    const rows = await this.query<{ what: string }>(parts.join(' UNION ALL '));
    return rows.map(({ what }) => `dead letter: ${what}`);
  }

  /** Every row that belongs to this txNo, as lines: of the library's tables, and of these. */
  async rowsAbout(txNo: string, tables: readonly string[]): Promise<string[]> {
    const own = ['de_duplication', 'local_message', 'dead_letter'];
    const all = [...tables, ...this.schemas().flatMap((schema) => own.map((table) => `${schema}.${table}`))];
    const lines: string[] = [];
    for (const table of all) {
      const rows = await this.query<object>(`SELECT * FROM ${table} WHERE tx_no = ?`, [txNo]);
      lines.push(...rows.map((row) => `${table} ${JSON.stringify(row, readableBytes)}`));
    }
    return lines;
  }

  close(): Promise<void> {
    return this.pool.end();
  }

  /** Those with the library's tables. */
  private schemas(): string[] {
    return this.services.map(serviceNamed).flatMap((one) => (hasMessages(one) ? [one.database] : []));
  }
}

/** JSON bodies as text, hashes as hexadecimal digits. */
function readableBytes(_key: string, value: unknown): unknown {
  const { type, data } = (value ?? {}) as { type?: unknown; data?: number[] };
  if (type !== 'Buffer' || data === undefined) return value;
  const bytes = Buffer.from(data);
  return bytes[0] === 0x7b ? bytes.toString('utf8') : bytes.toString('hex');
}
