import { REPAYMENT_PORT, REPAYMENT_PREFIX, TRADING_PORT } from '@txmsg/contracts';
import { httpUrl, PeerSettings, peerProblems, Setting, wholeNumber } from '@txmsg/service';
import type { ServiceFaultPoint } from 'txmsg/faults';
import { PLAN_FAULT_POINTS } from './plans/plan.fault-points.js';

/** What repayment reads from its environment. */
export class RepaymentSettings extends PeerSettings {
  readonly serviceName = REPAYMENT_PREFIX;

  @Setting({
    name: 'PORT',
    rule: wholeNumber(0, 65_535),
    default: String(REPAYMENT_PORT),
    meaning: 'The port that HTTP listens on; 0 takes any free one.',
  })
  readonly port!: number;

  @Setting({
    name: 'TRADING_URL',
    rule: httpUrl,
    default: `http://127.0.0.1:${TRADING_PORT}`,
    meaning: 'Where the bids of an approved project are read.',
  })
  readonly tradingUrl!: string;

  /** Plans follow from what trading answers, so nobody else may answer in its place. */
  override check(): readonly string[] {
    return [...super.check(), ...peerProblems(this, 'TRADING_URL', this.tradingUrl)];
  }

  override get faultPoints(): readonly ServiceFaultPoint[] {
    return PLAN_FAULT_POINTS;
  }
}
