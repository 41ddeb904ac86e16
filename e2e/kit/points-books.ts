import { setTimeout as delay } from 'node:timers/promises';
import { expect } from '@jest/globals';
import { createPool, type Pool, type RowDataPacket } from 'mysql2/promise';
import { parseMysqlUrl, sessionStatement } from 'txmsg/mysql';
import { eventually } from 'txmsg/testing';
import type { TestServices } from './test-services.js';

/** What a registration gives by default. */
export const POINTS = 100;
const WATCH_PAUSE_MS = 100;

interface Disagreement {
  readonly userId: string;
  readonly isUser: 0 | 1;
  readonly points: number | null;
  readonly granted: string | null;
}

/** The databases of user and points, read directly by their administrator, both in one snapshot. */
export class PointsBooks {
  private readonly pool: Pool;
  private readonly user: string;
  private readonly points: string;

  constructor(services: TestServices<'user' | 'points'>) {
    this.user = services.database('user');
    this.points = services.database('points');
    this.pool = createPool({ ...parseMysqlUrl(services.servers.mysqlRootUrl), connectionLimit: 4 });
    this.pool.on('connection', (connection) => {
      void connection.query(sessionStatement());
    });
  }

  async userCount(): Promise<number> {
    const [row] = await this.query<{ n: number }>(`SELECT COUNT(*) AS n FROM ${this.user}.user_info`);
    return Number(row?.n);
  }

  /** Undefined when nobody registered under this txNo. */
  async userId(txNo: string): Promise<string | undefined> {
    const [row] = await this.query<{ userId: string }>(
      `SELECT user_id AS userId FROM ${this.user}.user_info WHERE tx_no = ?`,
      [txNo],
    );
    return row?.userId;
  }

  async pointsOf(userId: string): Promise<number | undefined> {
    const [row] = await this.query<{ points: number }>(
      `SELECT points FROM ${this.points}.points_account WHERE user_id = ?`,
      [userId],
    );
    return row?.points;
  }

  /** What has become a dead letter at points, in the order of the txNos. */
  deadLetters(): Promise<{ txNo: string | null; reason: string }[]> {
    return this.query(
      `SELECT tx_no AS txNo, reason FROM ${this.points}.dead_letter ORDER BY tx_no IS NULL, tx_no`,
    );
  }

  /** Messages that are written and not yet marked as published. */
  async waiting(): Promise<number> {
    const [row] = await this.query<{ n: number }>(
      `SELECT COUNT(*) AS n FROM ${this.user}.local_message WHERE state = 'PENDING'`,
    );
    return Number(row?.n);
  }

  /** Every user, account and sum of grants where one of them is missing or is not what one registration gives. */
  disagreements(): Promise<Disagreement[]> {
    const grants = `SELECT user_id, SUM(points) AS granted FROM ${this.points}.points_grant GROUP BY user_id`;
    const ids =
      `SELECT user_id FROM ${this.user}.user_info UNION SELECT user_id FROM ${this.points}.points_account ` +
      `UNION SELECT user_id FROM ${this.points}.points_grant`;
    return this.query(
      `SELECT id.user_id AS userId, user_info.user_id IS NOT NULL AS isUser, account.points, granted.granted
       FROM (${ids}) id
       LEFT JOIN ${this.user}.user_info USING (user_id)
       LEFT JOIN ${this.points}.points_account account USING (user_id)
       LEFT JOIN (${grants}) granted USING (user_id)
       WHERE user_info.user_id IS NULL OR NOT (account.points <=> ?) OR NOT (granted.granted <=> ?)`,
      [POINTS, POINTS],
    );
  }

  /** Waits until a user exists exactly when the points do. */
  async expectAgreement(timeoutMs: number): Promise<void> {
    await eventually(async () => (await this.disagreements()).length === 0, {
      timeoutMs,
      intervalMs: 200,
    }).catch(() => undefined);
    expect(await this.disagreements()).toEqual([]);
  }

  /**
   * Looks again and again for points of somebody who is no user, which there must not be at any moment.
   * @returns ends it, and answers with what was seen
   */
  watch(): () => Promise<readonly string[]> {
    const seen = new Set<string>();
    const ended = new AbortController();
    const watching = this.collectInvented(seen, ended.signal);
    // A failure is thrown to who ends it.
    watching.catch(() => undefined);
    return async () => {
      ended.abort();
      await watching;
      return [...seen];
    };
  }

  close(): Promise<void> {
    return this.pool.end();
  }

  private async collectInvented(seen: Set<string>, ended: AbortSignal): Promise<void> {
    while (!ended.aborted) {
      for (const { userId } of await this.invented()) seen.add(userId);
      await delay(WATCH_PAUSE_MS);
    }
  }

  private invented(): Promise<{ userId: string }[]> {
    return this.query(
      `SELECT account.user_id AS userId FROM ${this.points}.points_account account
       LEFT JOIN ${this.user}.user_info user USING (user_id) WHERE user.user_id IS NULL`,
    );
  }

  private async query<Row>(sql: string, parameters: (string | number)[] = []): Promise<Row[]> {
    const [rows] = await this.pool.query<RowDataPacket[]>(sql, parameters);
    return rows as Row[];
  }
}
