import { expect } from '@jest/globals';
import { CUSTODY_RESULT_TOPIC, NOTIFY_TOPIC } from '@txmsg/contracts';
import { createPool, type Pool, type RowDataPacket } from 'mysql2/promise';
import { parseMysqlUrl, sessionStatement } from 'txmsg/mysql';
import { ADMIN_SETTINGS } from './admin.js';
import { call, postJson, type Answer } from './http.js';
import type { ServiceProcess } from './service-process.js';
import { sharedServers, type Servers } from './servers.js';
import { TestServices } from './test-services.js';

const HEADERS = { authorization: `Bearer ${ADMIN_SETTINGS.ADMIN_TOKEN}` };

/** Every column of notifier that holds a time. */
const TIMES: Readonly<Record<string, readonly string[]>> = {
  webhook_delivery: ['due_at', 'claim_at', 'create_time', 'end_time'],
  webhook_call: ['call_time'],
};

/** A delivery as the database has it, with the moment of each recorded call, in ms. */
export interface StoredDelivery {
  readonly id: string;
  readonly state: string;
  readonly isClaimed: boolean;
  readonly dueAtMs: number;
  readonly callsMs: readonly number[];
}

/** notifier alone, as many instances as a test likes; who sends to its topics is the test. */
export class NotifierServices extends TestServices<'notifier'> {
  private pool: Pool | undefined;

  static async prepared(label: string, servers: Servers = sharedServers()): Promise<NotifierServices> {
    const services = new NotifierServices(label, ['notifier'], servers);
    await services.prepare();
    return services;
  }

  /** Also those that others send to. */
  override async createTopics(): Promise<void> {
    const admin = this.admin();
    try {
      for (const topic of [NOTIFY_TOPIC, CUSTODY_RESULT_TOPIC])
        await admin.createTopic(this.named(topic), 'NORMAL');
    } finally {
      admin.close();
    }
    await super.createTopics();
  }

  /** @returns the id of a subscriber that is made through `notifier` */
  async subscribe(notifier: ServiceProcess, fields: object): Promise<string> {
    const { status, body, text } = await postJson(
      `${notifier.url}/subscribers`,
      JSON.stringify({ allowPrivateAddresses: true, jitter: 0, ...fields }),
      HEADERS,
    );
    expect([status, text]).toEqual([201, expect.any(String)]);
    return String(body?.id);
  }

  get(notifier: ServiceProcess, path: string): Promise<Answer> {
    return call(`${notifier.url}/${path}`, { headers: HEADERS });
  }

  post(notifier: ServiceProcess, path: string): Promise<Answer> {
    return call(`${notifier.url}/${path}`, { method: 'POST', headers: HEADERS });
  }

  async deliveries(subscriber: string): Promise<StoredDelivery[]> {
    const rows = await this.query<{
      id: string;
      state: string;
      lease: string | null;
      due: Date;
      calls: string | null;
    }>(
      `SELECT d.id, d.state, d.lease_owner AS lease, d.due_at AS due,
         (SELECT GROUP_CONCAT(TIMESTAMPDIFF(MICROSECOND, '1970-01-01', c.call_time) DIV 1000 ORDER BY c.number)
          FROM webhook_call c WHERE c.delivery_id = d.id) AS calls
       FROM webhook_delivery d WHERE d.subscriber_id = ? ORDER BY d.id`,
      [subscriber],
    );
    return rows.map(({ id, state, lease, due, calls }) => ({
      ...{ id, state, isClaimed: lease !== null, dueAtMs: due.getTime() },
      callsMs: calls === null ? [] : calls.split(',').map(Number),
    }));
  }

  /**
   * Moves the clock of every notifier on: all go by the database's, and for them it is the same whether that is set
   * forward or everything that they have written is set back.
   */
  async moveClock(seconds: number): Promise<void> {
    const connection = await this.ownDatabase().getConnection();
    try {
      await connection.beginTransaction();
      for (const [table, columns] of Object.entries(TIMES)) {
        const back = columns.map((column) => `${column} = ${column} - INTERVAL ? SECOND`).join(', ');
        await connection.query(
          `UPDATE ${table} SET ${back}`,
          columns.map(() => seconds),
        );
      }
      await connection.commit();
    } finally {
      connection.release();
    }
  }

  override async close(): Promise<void> {
    await super.close();
    await this.pool?.end();
  }

  private async query<Row>(sql: string, parameters: string[]): Promise<Row[]> {
    const [rows] = await this.ownDatabase().query<RowDataPacket[]>(sql, parameters);
    return rows as Row[];
  }

  private ownDatabase(): Pool {
    if (this.pool !== undefined) return this.pool;
    const server = { ...parseMysqlUrl(this.servers.mysqlRootUrl), database: this.database('notifier') };
    this.pool = createPool({ ...server, connectionLimit: 4, timezone: 'Z' });
    this.pool.on('connection', (connection) => {
      void connection.query(sessionStatement());
    });
    return this.pool;
  }
}
