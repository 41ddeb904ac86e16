import type { ShopService } from '@txmsg/contracts';
import type { FaultRule } from 'txmsg/faults';
import { eventually } from 'txmsg/testing';
import { orderNoOf } from '../../apps/order/src/orders/order-number.js';
import { postJson } from '../kit/http.js';
import { submitOrder, untilAnswered, type TestShop } from '../kit/test-shop.js';

/** Enough pieces for every order, and none at all. */
export const PLENTY = 'plenty';
export const SHORT = 'short';

/** A way for an order to go, and how it must end whatever is killed on that way. */
export interface ShopScenario {
  readonly name: string;
  /** Faults at order that lead the order there. */
  readonly lead: readonly Omit<FaultRule, 'txNo'>[];
  /** Which of the points that are passed on this way belong to it. */
  owns(service: ShopService, point: string): boolean;
  play(shop: TestShop, order: { readonly url: string }, txNo: string): Promise<unknown>;
  readonly end: 'CONFIRMED' | 'CANCELLED';
}

const isCheckBack = (point: string): boolean => point.startsWith('check-back');
const isReconciliation = (point: string): boolean => point.startsWith('service:order-reconciliation');
const isCancellation = (point: string): boolean => /^service:(cancel|return)/.test(point);
const DEADLINE = { timeoutMs: 150_000, intervalMs: 200 };

const submit = (order: { readonly url: string }, txNo: string, productId: string): Promise<unknown> =>
  untilAnswered(() => submitOrder(order, txNo, { productId, payCount: 1 }));
const untilConfirmed = (shop: TestShop, txNo: string): Promise<true> =>
  eventually(async () => (await shop.order(txNo))?.status === 'CONFIRMED', DEADLINE);

const refused: ShopScenario = {
  name: 'an order that stock refuses',
  lead: [],
  owns: (service, point) => service === 'stock' && !isCancellation(point),
  play: (_shop, order, txNo) => submit(order, txNo, SHORT),
  end: 'CANCELLED',
};

const confirmed: ShopScenario = {
  name: 'an order that is confirmed',
  lead: [],
  owns: (service, point) =>
    service === 'order' && !isCheckBack(point) && !isReconciliation(point) && !isCancellation(point),
  play: (_shop, order, txNo) => submit(order, txNo, PLENTY),
  end: 'CONFIRMED',
};

const cancelled: ShopScenario = {
  name: 'an order that is cancelled',
  lead: [],
  owns: (service, point) => isCancellation(point) || (service === 'order' && point.startsWith('outbox')),
  async play(shop, order, txNo) {
    await submit(order, txNo, PLENTY);
    await untilConfirmed(shop, txNo);
    await untilAnswered(() => postJson(`${order.url}/orders/${orderNoOf(txNo)}/cancel`, '{}'));
  },
  end: 'CANCELLED',
};

const resolutionLost: ShopScenario = {
  name: 'its COMMIT is lost',
  lead: [{ point: 'resolution.before-send', action: 'throw' }],
  owns: (service, point) => service === 'order' && isCheckBack(point),
  play: (_shop, order, txNo) => submit(order, txNo, PLENTY),
  end: 'CONFIRMED',
};

const receiptLost: ShopScenario = {
  ...resolutionLost,
  name: "its half message's receipt is lost",
  lead: [{ point: 'half-message.sent', action: 'throw' }],
};

const asked: ShopScenario = {
  name: 'stock is asked about it',
  lead: [],
  owns: (service, point) => service === 'order' && isReconciliation(point) && !point.endsWith('republished'),
  async play(shop, order, txNo) {
    await submit(order, txNo, PLENTY);
    await untilConfirmed(shop, txNo);
    await shop.makeDue(`tx_no = '${txNo}'`);
  },
  end: 'CONFIRMED',
};

/** As a broker that has lost its store leaves it. */
const lost: ShopScenario = {
  name: 'its message is lost',
  lead: [],
  owns: (service, point) => service === 'order' && point.endsWith('republished'),
  play: (shop, _order, txNo) =>
    shop.query(
      `INSERT INTO $order (order_no, tx_no, product_id, pay_count, next_check_at)
       VALUES (?, ?, ?, 1, UTC_TIMESTAMP(3))`,
      [orderNoOf(txNo), txNo, PLENTY],
    ),
  end: 'CONFIRMED',
};

export const SHOP_SCENARIOS: readonly ShopScenario[] = [
  refused,
  confirmed,
  cancelled,
  resolutionLost,
  receiptLost,
  asked,
  lost,
];

/** Of these orders reconciliation is to ask stock, and to go on asking when it was killed. */
export const ASKED: readonly ShopScenario[] = [cancelled, asked, lost];
