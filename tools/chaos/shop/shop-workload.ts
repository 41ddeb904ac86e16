import { postJson } from '../../../e2e/kit/http.js';
import { auditShop, type ShopAuditReport } from '../../cli/shop-audit/shop-audit.js';
import type { ShopDisagreement } from '../../cli/shop-audit/shop-rules.js';
import { untruthTold, type Sent } from '../calls.js';
import { Workload, type Figure, type Violation, type WorkloadContext } from '../workload.js';

interface SentOrder extends Sent {
  readonly productId: string;
  readonly payCount: number;
  /** Whether it is cancelled as soon as it was accepted. */
  readonly isCancelled: boolean;
  /** Set when the call that cancels it was answered 200. */
  wasToldCancelled: boolean;
}

interface OrderRow {
  readonly txNo: string;
  readonly orderNo: string;
  readonly status: 'PENDING' | 'CONFIRMED' | 'CANCELLED';
}

/** stock decides for order, which asks it. */
export const SHOP_SERVICES = ['stock', 'order'] as const;

const CALL_DEADLINE_MS = 15_000;
/** So few pieces that most products are sold out before the run ends. */
const PRODUCTS = Array.from({ length: 6 }, (_, index) => `chaos-${index}`);
const PIECES = 150;
const UNKNOWN_PRODUCT = 'chaos-unknown';

/** Orders for few products that sell out, of which some are cancelled. */
export class ShopWorkload extends Workload<SentOrder> {
  constructor(context: WorkloadContext) {
    const tables = ['tx_order.`order`', 'tx_stock.stock_deduction'];
    super({ name: 'shop', what: 'orders', services: SHOP_SERVICES, tables, callers: 8 }, context);
  }

  async prepare(): Promise<void> {
    await this.databases.query(
      'INSERT INTO tx_stock.stock (product_id, total_count, opening_count) VALUES ?',
      [PRODUCTS.map((productId) => [productId, PIECES, PIECES])],
    );
  }

  protected next(sent: Sent): SentOrder {
    const { random } = this;
    return {
      ...sent,
      productId: random.chance(0.03) ? UNKNOWN_PRODUCT : random.oneOf(PRODUCTS),
      payCount: random.whole(1, 3),
      isCancelled: random.chance(0.15),
      wasToldCancelled: false,
    };
  }

  protected call(one: SentOrder): Promise<number> | undefined {
    const url = this.oneOf('order');
    return url === undefined ? undefined : this.submit(url, one);
  }

  private async submit(url: string, one: SentOrder): Promise<number> {
    const { txNo, productId, payCount } = one;
    const body = JSON.stringify({ productId, payCount });
    const answer = await postJson(`${url}/orders`, body, { 'idempotency-key': txNo }, CALL_DEADLINE_MS);
    const orderNo = answer.body?.orderNo;
    if (one.isCancelled && typeof orderNo === 'string' && answer.status < 202)
      await this.cancel(orderNo, one);
    return answer.status;
  }

  /** Whoever hears nothing asks no further: stock and order must agree all the same. */
  private async cancel(orderNo: string, one: SentOrder): Promise<void> {
    const url = this.oneOf('order');
    if (url === undefined) return;
    const cancelling = postJson(`${url}/orders/${orderNo}/cancel`, '{}', {}, CALL_DEADLINE_MS);
    const status = await cancelling.then(
      (answer) => answer.status,
      () => undefined,
    );
    one.wasToldCancelled ||= status === 200;
  }

  /** Orders of which stock is still to be heard. */
  protected async open(): Promise<number> {
    const [row] = await this.databases.query<{ n: string }>(
      'SELECT COUNT(*) AS n FROM tx_order.`order` WHERE next_check_at IS NOT NULL',
    );
    return Number(row?.n);
  }

  protected async judgeRows(): Promise<Violation[]> {
    const rows = new Map((await this.orders()).map((row) => [row.txNo, row]));
    const told = this.callers.sent.flatMap((one) => judgeCaller(one, rows.get(one.txNo)));
    const { disagreements } = await this.audit();
    return [...told, ...disagreements.listed.map(aboutOrder)];
  }

  protected async ends(): Promise<Figure[]> {
    const orders = await this.orders();
    const inStatus = (wanted: string): number => orders.filter(({ status }) => status === wanted).length;
    const { pieces } = await this.audit();
    return [
      ['  of these confirmed', inStatus('CONFIRMED')],
      ['  of these cancelled', inStatus('CANCELLED')],
      ['  pieces: at first, deducted, left', `${pieces.opening}, ${pieces.deducted}, ${pieces.left}`],
    ];
  }

  private orders(): Promise<OrderRow[]> {
    return this.databases.query('SELECT tx_no AS txNo, order_no AS orderNo, status FROM tx_order.`order`');
  }

  private audit(): Promise<ShopAuditReport> {
    return auditShop(this.context.mysqlRootUrl, { order: 'tx_order', stock: 'tx_stock' });
  }
}

function judgeCaller(one: SentOrder, row: OrderRow | undefined): Violation[] {
  const { txNo } = one;
  const untruth = untruthTold(one, row !== undefined);
  if (untruth !== undefined) return [{ txNo, what: untruth }];
  if (row?.status === 'PENDING') return [{ txNo, what: `${txNo} has not ended: it is still PENDING` }];
  if (!one.wasToldCancelled || row?.status === 'CANCELLED') return [];
  return [{ txNo, what: `${txNo} was told to be cancelled, and is ${row?.status ?? 'unknown'}` }];
}

function aboutOrder({ kind, of, found, expected }: ShopDisagreement): Violation {
  const what = `${kind === 'ORDER' ? 'order' : 'product'} ${of}: ${found}, and ${expected} was expected`;
  return kind === 'ORDER' ? { what, txNo: of } : { what };
}
