import { serviceNamed } from '@txmsg/contracts';
import type { RowDataPacket } from 'mysql2/promise';
import { SceneTables } from '../scene-tables.js';

const TOP_UP = `${serviceNamed('bank1').database}.top_up`;
const DELIVERY = `${serviceNamed('notifier').database}.webhook_delivery`;
const CALL = `${serviceNamed('notifier').database}.webhook_call`;

/** How far a notification to the scene's subscriber has come. */
export interface DeliveryNow {
  readonly id: string;
  readonly state: string;
  readonly isClaimed: boolean;
  readonly calls: number;
  /** From the last recorded call until the next one is due. */
  readonly pauseMs: number;
}

/**
 * Reads what no call tells, and moves the clock. All services go by the database's clock, and for them it is the same whether
 * that is set forward or what they have written is set back. Only rows of the scene are touched.
 */
export class NotificationTables extends SceneTables {
  /** How many answers of pay have decided nothing. */
  async asked(txNo: string): Promise<number> {
    const [row] = await this.rows<{ asked: number }>(`SELECT asked FROM ${TOP_UP} WHERE tx_no = ?`, [txNo]);
    return row?.asked ?? 0;
  }

  async moveTopUpClock(txNo: string, seconds: number): Promise<void> {
    await this.use((connection) =>
      connection.query(
        `UPDATE ${TOP_UP} SET next_check_at = next_check_at - INTERVAL ? SECOND,
           create_time = create_time - INTERVAL ? SECOND WHERE tx_no = ?`,
        [seconds, seconds, txNo],
      ),
    );
  }

  /** The one notification that this subscriber gets in the scene; undefined before there is one. */
  async delivery(subscriber: string): Promise<DeliveryNow | undefined> {
    const [row] = await this.rows<{
      id: string;
      state: string;
      lease: string | null;
      calls: number;
      pause: number;
    }>(
      `SELECT id, state, lease_owner AS lease, calls_total AS calls,
         (SELECT TIMESTAMPDIFF(MICROSECOND, MAX(call_time), due_at) DIV 1000 FROM ${CALL} WHERE delivery_id = id) AS pause
       FROM ${DELIVERY} WHERE subscriber_id = ?`,
      [subscriber],
    );
    if (row === undefined) return undefined;
    const { id, state, lease, calls, pause } = row;
    return { id, state, calls, isClaimed: lease !== null, pauseMs: pause };
  }

  async moveDeliveryClock(subscriber: string, seconds: number): Promise<void> {
    await this.use((connection) =>
      connection.query(
        `UPDATE ${DELIVERY} d LEFT JOIN ${CALL} c ON c.delivery_id = d.id
         SET d.due_at = d.due_at - INTERVAL ? SECOND, d.claim_at = d.claim_at - INTERVAL ? SECOND,
           d.create_time = d.create_time - INTERVAL ? SECOND, d.end_time = d.end_time - INTERVAL ? SECOND,
           c.call_time = c.call_time - INTERVAL ? SECOND
         WHERE d.subscriber_id = ?`,
        [...Array.from({ length: 5 }, () => seconds), subscriber],
      ),
    );
  }

  private async rows<Row>(sql: string, parameters: string[]): Promise<Row[]> {
    const [rows] = await this.use((connection) => connection.query<RowDataPacket[]>(sql, parameters));
    return rows as Row[];
  }
}
