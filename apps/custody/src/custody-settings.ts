import { CUSTODY_PORT, CUSTODY_PREFIX } from '@txmsg/contracts';
import { PeerSettings, Setting, wholeNumber } from '@txmsg/service';
import type { ServiceFaultPoint } from 'txmsg/faults';
import { OPENING_FAULT_POINTS } from './openings/opening.fault-points.js';

/** What custody reads from its environment. */
export class CustodySettings extends PeerSettings {
  readonly serviceName = CUSTODY_PREFIX;

  @Setting({
    name: 'PORT',
    rule: wholeNumber(0, 65_535),
    default: String(CUSTODY_PORT),
    meaning: 'The port that HTTP listens on; 0 takes any free one.',
  })
  readonly port!: number;

  @Setting({
    name: 'OPENING_TAKES_MS',
    rule: wholeNumber(0, 86_400_000),
    default: '0',
    meaning: 'How long a request is PROCESSING at least before it is decided, in ms.',
  })
  readonly openingTakesMs!: number;

  override get faultPoints(): readonly ServiceFaultPoint[] {
    return OPENING_FAULT_POINTS;
  }
}
