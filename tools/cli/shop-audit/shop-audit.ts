import { QUERY_TIMEOUT_MS, quoted, SnapshotConnection } from '@txmsg/bank/audit';
import type { ShopService } from '@txmsg/contracts';
import {
  orderDisagreement,
  productDisagreement,
  type AuditedDeduction,
  type AuditedOrder,
  type AuditedPair,
  type ShopDisagreement,
} from './shop-rules.js';

/** The names of the two databases; both are on one server. */
export type ShopSchemas = Readonly<Record<ShopService, string>>;

export interface ShopAuditReport {
  readonly agrees: boolean;
  readonly disagreements: { readonly count: number; readonly listed: readonly ShopDisagreement[] };
  readonly products: number;
  readonly pieces: { readonly opening: number; readonly left: number; readonly deducted: number };
  readonly orders: { readonly count: number; readonly inFlight: number };
}

interface ProductRow {
  readonly productId: string;
  readonly opening: string | number | null;
  readonly left: string | number | null;
  readonly deducted: string | number;
}

type PairRow = Record<string, string | number | null> & { readonly txNo: string };

const LIST_MAX = 100;
/** Rows of a page; large enough that the round trips cost little, small enough for any memory. */
const PAGE_SIZE = 2000;

/**
 * Compares all orders with what stock has deducted, in one snapshot of both databases.
 *
 * It lives beside the command and not in a library, as the banks' audit does, because no service reads both databases.
 *
 * @param url - of an account that may read both databases of the server
 * @param urlFrom - where the URL comes from, for messages
 * @throws AuditUnreadableError
 */
export async function auditShop(
  url: string,
  schemas: ShopSchemas,
  urlFrom = 'MYSQL_ROOT_URL',
): Promise<ShopAuditReport> {
  const connection = await SnapshotConnection.open(url, QUERY_TIMEOUT_MS, urlFrom);
  try {
    return await new ShopAudit(connection, quoted(schemas.order), quoted(schemas.stock)).run();
  } finally {
    connection.close();
  }
}

class ShopAudit {
  private readonly listed: ShopDisagreement[] = [];
  private count = 0;

  constructor(
    private readonly connection: SnapshotConnection,
    /** The databases, as identifiers that may stand in SQL. */
    private readonly order: string,
    private readonly stock: string,
  ) {}

  async run(): Promise<ShopAuditReport> {
    const products = await this.products();
    const pieces = { opening: 0, left: 0, deducted: 0 };
    for (const { productId, opening, left, deducted } of products) {
      pieces.opening += Number(opening);
      pieces.left += Number(left);
      pieces.deducted += Number(deducted);
      const counts = opening === null ? undefined : { opening: Number(opening), left: Number(left) };
      this.note(productDisagreement({ productId, counts, deducted: Number(deducted) }));
    }
    const orders = { count: 0, inFlight: 0 };
    for await (const pair of this.pairs()) {
      if (pair.order !== undefined) orders.count += 1;
      if (pair.order?.isChecked === true) orders.inFlight += 1;
      this.note(orderDisagreement(pair));
    }
    const disagreements = { count: this.count, listed: this.listed };
    return { agrees: this.count === 0, disagreements, products: products.length, pieces, orders };
  }

  private note(disagreement: ShopDisagreement | undefined): void {
    if (disagreement === undefined) return;
    this.count += 1;
    if (this.listed.length < LIST_MAX) this.listed.push(disagreement);
  }

  private products(): Promise<ProductRow[]> {
    return this.connection.query<ProductRow>(
      `WITH deducted AS (
         SELECT product_id, SUM(pay_count) AS pieces FROM ${this.stock}.stock_deduction
         WHERE state = 'DEDUCTED' GROUP BY product_id
       )
       SELECT s.product_id AS productId, s.opening_count AS opening, s.total_count AS \`left\`,
         COALESCE(deducted.pieces, 0) AS deducted
       FROM ${this.stock}.stock s LEFT JOIN deducted ON deducted.product_id = s.product_id
       UNION ALL
       SELECT deducted.product_id, NULL, NULL, deducted.pieces
       FROM deducted LEFT JOIN ${this.stock}.stock s ON s.product_id = deducted.product_id WHERE s.id IS NULL`,
    );
  }

  /** Every order with what stock has under its txNo, then what stock has and order has not. */
  private async *pairs(): AsyncGenerator<AuditedPair> {
    const orders = `${this.order}.\`order\` o LEFT JOIN ${this.stock}.stock_deduction d ON d.tx_no = o.tx_no
      WHERE o.tx_no > ? ORDER BY o.tx_no`;
    yield* this.pages(`o.tx_no AS txNo, ${ORDER_COLUMNS}, ${DEDUCTION_COLUMNS} FROM ${orders}`);
    const strangers = `${this.stock}.stock_deduction d LEFT JOIN ${this.order}.\`order\` o ON o.tx_no = d.tx_no
      WHERE d.tx_no > ? AND o.id IS NULL ORDER BY d.tx_no`;
    yield* this.pages(`d.tx_no AS txNo, ${ORDER_COLUMNS}, ${DEDUCTION_COLUMNS} FROM ${strangers}`);
  }

  private async *pages(select: string): AsyncGenerator<AuditedPair> {
    for (let after = ''; ;) {
      const page = await this.connection.query<PairRow>(`SELECT ${select} LIMIT ${PAGE_SIZE}`, [after]);
      yield* page.map(pairOf);
      const last = page.at(-1);
      if (last === undefined || page.length < PAGE_SIZE) return;
      after = last.txNo;
    }
  }
}

const ORDER_COLUMNS = `o.order_no AS orderNo, o.product_id AS productId, o.pay_count AS payCount, o.status,
  o.next_check_at IS NOT NULL AS isChecked`;
const DEDUCTION_COLUMNS = `d.order_no AS atStockOrderNo, d.product_id AS atStockProductId,
  d.pay_count AS atStockPayCount, d.state`;

function pairOf(row: PairRow): AuditedPair {
  const { txNo } = row;
  return {
    txNo,
    order: row.orderNo == null ? undefined : orderOf(row),
    deduction: row.state == null ? undefined : deductionOf(row),
  };
}

function orderOf({ txNo, orderNo, productId, payCount, status, isChecked }: PairRow): AuditedOrder {
  return {
    txNo,
    orderNo: String(orderNo),
    productId: String(productId),
    payCount: Number(payCount),
    status: status as AuditedOrder['status'],
    isChecked: Number(isChecked) === 1,
  };
}

function deductionOf(row: PairRow): AuditedDeduction {
  return {
    txNo: row.txNo,
    orderNo: String(row.atStockOrderNo),
    productId: String(row.atStockProductId),
    payCount: Number(row.atStockPayCount),
    state: row.state as AuditedDeduction['state'],
  };
}
