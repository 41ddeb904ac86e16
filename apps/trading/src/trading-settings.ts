import { REPAYMENT_PORT, TRADING_PORT, TRADING_PREFIX } from '@txmsg/contracts';
import { httpUrl, PeerSettings, peerProblems, Setting, wholeNumber } from '@txmsg/service';
import type { ServiceFaultPoint } from 'txmsg/faults';
import { REVIEW_RECONCILIATION_FAULT_POINTS } from './reconciliation/reconciliation.fault-points.js';
import { REVIEW_FAULT_POINTS } from './review/review.fault-points.js';

/** The longest pause before reconciliation looks at the same project again. */
export const RECONCILE_PAUSE_MAX_MS = 3_600_000;

/** What trading reads from its environment. */
export class TradingSettings extends PeerSettings {
  readonly serviceName = TRADING_PREFIX;

  @Setting({
    name: 'PORT',
    rule: wholeNumber(0, 65_535),
    default: String(TRADING_PORT),
    meaning: 'The port that HTTP listens on; 0 takes any free one.',
  })
  readonly port!: number;

  @Setting({
    name: 'REPAYMENT_URL',
    rule: httpUrl,
    default: `http://127.0.0.1:${REPAYMENT_PORT}`,
    meaning: 'Where reconciliation asks repayment whether it knows a plan.',
  })
  readonly repaymentUrl!: string;

  @Setting({
    name: 'RECONCILE_AFTER_MS',
    rule: wholeNumber(100, 86_400_000),
    default: '60000',
    meaning: 'So long after its approval a project is looked up at repayment, in ms.',
  })
  readonly reconcileAfterMs!: number;

  @Setting({
    name: 'RECONCILE_INTERVAL_MS',
    rule: wholeNumber(0, 86_400_000),
    default: '5000',
    meaning: 'How often such projects are looked for, in ms; 0 switches it off.',
  })
  readonly reconcileIntervalMs!: number;

  /** Reconciliation sends again by what repayment answers, so nobody else may answer in its place. */
  override check(): readonly string[] {
    return [...super.check(), ...peerProblems(this, 'REPAYMENT_URL', this.repaymentUrl)];
  }

  override get reconciliationHorizon(): { readonly ms: number; readonly is: string } {
    return {
      ms: this.reconcileAfterMs + this.reconcileIntervalMs + RECONCILE_PAUSE_MAX_MS,
      is: `RECONCILE_AFTER_MS (${this.reconcileAfterMs}), RECONCILE_INTERVAL_MS (${this.reconcileIntervalMs}) and the longest pause (${RECONCILE_PAUSE_MAX_MS}) together`,
    };
  }

  override get faultPoints(): readonly ServiceFaultPoint[] {
    return [...REVIEW_FAULT_POINTS, ...REVIEW_RECONCILIATION_FAULT_POINTS];
  }
}
