import { ORDER_PORT, ORDER_PREFIX, STOCK_PORT } from '@txmsg/contracts';
import { httpUrl, PeerSettings, peerProblems, Setting, wholeNumber } from '@txmsg/service';
import type { ServiceFaultPoint } from 'txmsg/faults';
import { ORDER_FAULT_POINTS } from './orders/order.fault-points.js';
import { ORDER_RECONCILIATION_FAULT_POINTS } from './reconciliation/reconciliation.fault-points.js';

/** The longest pause before reconciliation looks at the same order again. */
export const RECONCILE_PAUSE_MAX_MS = 3_600_000;

/** What order reads from its environment. */
export class OrderSettings extends PeerSettings {
  readonly serviceName = ORDER_PREFIX;

  @Setting({
    name: 'PORT',
    rule: wholeNumber(0, 65_535),
    default: String(ORDER_PORT),
    meaning: 'The port that HTTP listens on; 0 takes any free one.',
  })
  readonly port!: number;

  @Setting({
    name: 'STOCK_URL',
    rule: httpUrl,
    default: `http://127.0.0.1:${STOCK_PORT}`,
    meaning: 'Where reconciliation asks stock what it decided about an order.',
  })
  readonly stockUrl!: string;

  @Setting({
    name: 'RECONCILE_AFTER_MS',
    rule: wholeNumber(100, 86_400_000),
    default: '60000',
    meaning:
      'An order that is PENDING, or whose cancellation stock has not confirmed, for longer is looked up at stock, in ms.',
  })
  readonly reconcileAfterMs!: number;

  @Setting({
    name: 'RECONCILE_INTERVAL_MS',
    rule: wholeNumber(0, 86_400_000),
    default: '5000',
    meaning: 'How often such orders are looked for, in ms; 0 switches it off.',
  })
  readonly reconcileIntervalMs!: number;

  /** Reconciliation ends orders by what stock answers, so nobody else may answer in its place. */
  override check(): readonly string[] {
    return [...super.check(), ...peerProblems(this, 'STOCK_URL', this.stockUrl)];
  }

  override get reconciliationHorizon(): { readonly ms: number; readonly is: string } {
    return {
      ms: this.reconcileAfterMs + this.reconcileIntervalMs + RECONCILE_PAUSE_MAX_MS,
      is: `RECONCILE_AFTER_MS (${this.reconcileAfterMs}), RECONCILE_INTERVAL_MS (${this.reconcileIntervalMs}) and the longest pause (${RECONCILE_PAUSE_MAX_MS}) together`,
    };
  }

  override get faultPoints(): readonly ServiceFaultPoint[] {
    return [...ORDER_FAULT_POINTS, ...ORDER_RECONCILIATION_FAULT_POINTS];
  }
}
