import type { Pool, RowDataPacket } from 'mysql2/promise';
import type { SideSchema } from '../../transfer/side.js';
import { heldRows, type StatementEvent } from './held-rows.js';

const TABLE = 'account_info';
const CONSUMER = 'events_statements_history_long';
/** What MySQL remembers by itself; reads must come before it has forgotten. */
export const EVENTS_KEPT = 10_000;

/** How long account rows were locked at each bank, in ms, one figure for each local transaction that locked some. */
export interface HeldRows {
  readonly payer: readonly number[];
  readonly payee: readonly number[];
}

/**
 * Reads the statements that MySQL itself has timed, of a side's two databases. Nobody waits for it, but remembering costs MySQL
 * some CPU: it runs apart from what is measured otherwise.
 */
export class RowLockMeter {
  constructor(
    private readonly pool: Pool,
    private readonly schema: Pick<SideSchema, 'bank1' | 'bank2'>,
  ) {}

  /** From now on statements are remembered. */
  async start(): Promise<void> {
    await this.switchConsumer('YES');
    await this.forget();
  }

  /** What was held since `start`, or since the last call. */
  async read(): Promise<HeldRows> {
    const { bank1, bank2 } = this.schema;
    const [rows] = await this.pool.query<(RowDataPacket & StatementEvent)[]>(
      `SELECT THREAD_ID AS thread, CURRENT_SCHEMA AS \`database\`, SQL_TEXT AS text,
              CAST(TIMER_END AS DOUBLE) / 1e9 AS endMs
       FROM performance_schema.${CONSUMER}
       WHERE CURRENT_SCHEMA IN (?, ?) AND SQL_TEXT IS NOT NULL AND TIMER_END IS NOT NULL
         AND EVENT_NAME <> 'statement/com/Prepare'
       ORDER BY THREAD_ID, EVENT_ID`,
      [bank1, bank2],
    );
    await this.forget();
    const held = heldRows(rows, TABLE);
    return { payer: held.get(bank1) ?? [], payee: held.get(bank2) ?? [] };
  }

  stop(): Promise<void> {
    return this.switchConsumer('NO');
  }

  private async switchConsumer(enabled: 'YES' | 'NO'): Promise<void> {
    await this.pool.query('UPDATE performance_schema.setup_consumers SET ENABLED = ? WHERE NAME = ?', [
      enabled,
      CONSUMER,
    ]);
  }

  private async forget(): Promise<void> {
    await this.pool.query(`TRUNCATE TABLE performance_schema.${CONSUMER}`);
  }
}
