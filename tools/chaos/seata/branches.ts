import { SEATA_BANKS, serviceNamed, type ServiceName } from '@txmsg/contracts';
import { SEATA_DATABASE } from '../../stack/seata-store.js';
import type { Databases } from '../databases.js';

/**
 * What global transactions leave behind in the databases of these services, beside the services' own rows, and in the
 * coordinator's, where it keeps its transactions in MySQL.
 */
export class Branches {
  private readonly schemas: readonly string[];

  /** @param tables - with columns tx_no and xid */
  constructor(
    private readonly databases: Databases,
    services: readonly ServiceName[],
    private readonly tables: readonly string[],
  ) {
    this.schemas = services.map(schemaOf);
  }

  /** What has not ended: a sentence for each. */
  async open(): Promise<string[]> {
    const parts = [
      ...this.schemas.flatMap((schema) => [
        // A marker is kept on purpose.
        `SELECT CONCAT('${schema} has an undo log of ', xid) AS what FROM ${schema}.undo_log WHERE log_status <> 1`,
        `SELECT CONCAT('${schema} has an open try of ', xid) FROM ${schema}.tcc_fence_log WHERE status = 1`,
      ]),
      ...SEATA_BANKS.map(schemaOf).map(
        (schema) => `SELECT CONCAT('${schema} has reserved ', reserved, ' of account ', account_no)
          FROM ${schema}.account_info WHERE reserved <> 0`,
      ),
    ];
    const rows = await this.databases.query<{ what: string }>(parts.join(' UNION ALL '));
    return [...rows.map(({ what }) => what), ...(await this.heldByCoordinator())];
  }

  /** It deletes what has ended. In its file mode it has no tables. */
  private async heldByCoordinator(): Promise<string[]> {
    const tables = await this.databases.query<{ name: string }>(
      'SELECT table_name AS name FROM information_schema.tables WHERE table_schema = ?',
      [SEATA_DATABASE],
    );
    if (tables.length === 0) return [];
    const parts = ['global_table', 'branch_table', 'lock_table'].map(
      (table) => `SELECT DISTINCT CONCAT('the coordinator has ', xid, ' in ${table}') AS what
        FROM ${SEATA_DATABASE}.${table}`,
    );
    const rows = await this.databases.query<{ what: string }>(parts.join(' UNION ALL '));
    return rows.map(({ what }) => what);
  }

  /** The fences, undo logs and markers of a txNo, as lines. */
  async rowsAbout(txNo: string): Promise<string[]> {
    const xids = this.tables.map((table) => `SELECT xid FROM ${table} WHERE tx_no = ?`).join(' UNION ');
    const parameters = this.tables.map(() => txNo);
    const lines: string[] = [];
    for (const schema of this.schemas) {
      for (const [table, columns] of [
        ['tcc_fence_log', '*'],
        ['undo_log', 'xid, branch_id, log_status, log_created, log_modified'],
      ]) {
        const sql = `SELECT ${columns} FROM ${schema}.${table} WHERE xid IN (${xids})`;
        const rows = await this.databases.query<object>(sql, parameters);
        lines.push(...rows.map((row) => `${schema}.${table} ${JSON.stringify(row)}`));
      }
    }
    return lines;
  }
}

function schemaOf(service: ServiceName): string {
  return serviceNamed(service).database;
}
