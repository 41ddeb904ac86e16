import { setTimeout as delay } from 'node:timers/promises';
import { SHOP, type ShopService } from '@txmsg/contracts';
import { createPool, type Pool, type RowDataPacket } from 'mysql2/promise';
import { parseMysqlUrl, sessionStatement } from 'txmsg/mysql';
import { eventually } from 'txmsg/testing';
import { auditShop, type ShopAuditReport } from '../../tools/cli/shop-audit/shop-audit.js';
import { postJson, type Answer } from './http.js';
import { sharedServers, type Servers } from './servers.js';
import { TestServices } from './test-services.js';

/** A row of `order`. */
export interface OrderRow {
  readonly txNo: string;
  readonly orderNo: string;
  readonly status: string;
  readonly reason: string | null;
}

/** A row of `stock_deduction`. */
export interface DeductionRow {
  readonly txNo: string;
  readonly state: string;
  readonly reason: string | null;
}

const PAUSE_MS = 1000;
/** A thousand callers at once keep a busy machine at work for minutes. */
const CALL_DEADLINE_MS = 6 * 60_000;
const END_DEADLINE_MS = 150_000;

/** Order and stock with databases, topics and groups of their own, and what stands in their tables. */
export class TestShop extends TestServices<ShopService> {
  private readonly pool: Pool;

  private constructor(label: string, servers: Servers) {
    super(label, SHOP, servers);
    this.pool = createPool({ ...parseMysqlUrl(servers.mysqlRootUrl), connectionLimit: 4 });
    this.pool.on('connection', (connection) => {
      void connection.query(sessionStatement());
    });
  }

  static async create(label: string): Promise<TestShop> {
    const shop = new TestShop(label, sharedServers());
    await shop.prepare();
    return shop;
  }

  async query<Row>(sql: string, parameters: readonly (string | number)[] = []): Promise<Row[]> {
    const named = sql
      .replaceAll('$order', `${this.database('order')}.\`order\``)
      .replaceAll('$stock', `${this.database('stock')}.stock`);
    const [rows] = await this.pool.query<RowDataPacket[]>(named, [...parameters]);
    return rows as Row[];
  }

  async openProduct(productId: string, count: number): Promise<void> {
    await this.query('INSERT INTO $stock (product_id, total_count, opening_count) VALUES (?, ?, ?)', [
      productId,
      count,
      count,
    ]);
  }

  async left(productId: string): Promise<number> {
    const sql = 'SELECT total_count AS total FROM $stock WHERE product_id = ?';
    const [row] = await this.query<{ total: string | number }>(sql, [productId]);
    return Number(row?.total);
  }

  orders(productId: string): Promise<OrderRow[]> {
    return this.query<OrderRow>(
      'SELECT tx_no AS txNo, order_no AS orderNo, status, reason FROM $order WHERE product_id = ? ORDER BY tx_no',
      [productId],
    );
  }

  async order(txNo: string): Promise<OrderRow | undefined> {
    const sql = 'SELECT tx_no AS txNo, order_no AS orderNo, status, reason FROM $order WHERE tx_no = ?';
    return (await this.query<OrderRow>(sql, [txNo]))[0];
  }

  async deduction(txNo: string): Promise<DeductionRow | undefined> {
    const sql = 'SELECT tx_no AS txNo, state, reason FROM $stock_deduction WHERE tx_no = ?';
    return (await this.query<DeductionRow>(sql, [txNo]))[0];
  }

  /** What has become a dead letter at either service. */
  deadLetters(): Promise<{ txNo: string | null; reason: string }[]> {
    const [order, stock] = [this.database('order'), this.database('stock')];
    const columns = 'tx_no AS txNo, reason';
    return this.query(
      `SELECT ${columns} FROM ${order}.dead_letter UNION ALL SELECT ${columns} FROM ${stock}.dead_letter`,
    );
  }

  /** Lets reconciliation ask stock in its next round about the orders that it still asks about, or about this one. */
  async makeDue(where = 'next_check_at IS NOT NULL'): Promise<void> {
    await this.query(`UPDATE $order SET next_check_at = UTC_TIMESTAMP(3) WHERE ${where}`);
  }

  audit(): Promise<ShopAuditReport> {
    const schemas = { order: this.database('order'), stock: this.database('stock') };
    return auditShop(this.servers.mysqlRootUrl, schemas);
  }

  /** Waits until none of these orders is PENDING. */
  async untilEnded(productId: string): Promise<void> {
    await eventually(
      async () => {
        const open = (await this.orders(productId)).filter(({ status }) => status === 'PENDING');
        if (open.length === 0) return true;
        throw new Error(`${open.length} orders are still PENDING, such as ${open[0]?.txNo ?? ''}`);
      },
      { timeoutMs: END_DEADLINE_MS, intervalMs: 200 },
    );
  }

  override async close(): Promise<void> {
    await super.close();
    await this.pool.end();
  }

  protected override settings(): Readonly<Record<string, string>> {
    return {
      ...super.settings(),
      // Reconciliation would heal what the tests of messages look for: it sees only orders that a test makes due.
      RECONCILE_AFTER_MS: '43200000',
      RECONCILE_INTERVAL_MS: '500',
      // Nobody listens there, whatever else runs on this machine.
      STOCK_URL: 'http://127.0.0.1:9',
    };
  }
}

/** `POST /order/orders`, once. */
export function submitOrder(
  order: { readonly url: string },
  txNo: string,
  wanted: { readonly productId: unknown; readonly payCount: unknown },
): Promise<Answer> {
  return postJson(`${order.url}/orders`, JSON.stringify(wanted), { 'idempotency-key': txNo });
}

/** Repeats a call until its answer is one: a caller that hears nothing, 202, 500 or 503 calls again. */
export async function untilAnswered(call: () => Promise<Answer>): Promise<Answer> {
  const endsAtMs = Date.now() + CALL_DEADLINE_MS;
  for (;;) {
    const answer = await call().catch(() => undefined);
    if (answer !== undefined && ![202, 500, 503].includes(answer.status)) return answer;
    if (Date.now() > endsAtMs) throw new Error(`answered ${answer?.status ?? 'nothing'} to no end`);
    await delay(PAUSE_MS);
  }
}
