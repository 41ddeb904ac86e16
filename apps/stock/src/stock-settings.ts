import { STOCK_PORT, STOCK_PREFIX } from '@txmsg/contracts';
import { PeerSettings, Setting, wholeNumber } from '@txmsg/service';
import type { ServiceFaultPoint } from 'txmsg/faults';
import { DEDUCTION_FAULT_POINTS } from './deductions/deduction.fault-points.js';

/** What stock reads from its environment. */
export class StockSettings extends PeerSettings {
  readonly serviceName = STOCK_PREFIX;

  @Setting({
    name: 'PORT',
    rule: wholeNumber(0, 65_535),
    default: String(STOCK_PORT),
    meaning: 'The port that HTTP listens on; 0 takes any free one.',
  })
  readonly port!: number;

  override get faultPoints(): readonly ServiceFaultPoint[] {
    return DEDUCTION_FAULT_POINTS;
  }
}
