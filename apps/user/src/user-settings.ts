import { ServiceSettings, Setting, wholeNumber } from '@txmsg/service';
import { USER_PORT, USER_PREFIX } from '@txmsg/contracts';
import type { ServiceFaultPoint } from 'txmsg/faults';
import { REGISTRATION_FAULT_POINTS } from './registration/registration.fault-points.js';

/** What user reads from its environment. */
export class UserSettings extends ServiceSettings {
  readonly serviceName = USER_PREFIX;

  @Setting({
    name: 'PORT',
    rule: wholeNumber(0, 65_535),
    default: String(USER_PORT),
    meaning: 'The port that HTTP listens on; 0 takes any free one.',
  })
  readonly port!: number;

  @Setting({
    name: 'REGISTER_TIMEOUT_MS',
    rule: wholeNumber(100, 14_000),
    default: '3000',
    meaning: 'How long the transaction of a registration may take before it is rolled back, in ms.',
  })
  readonly registerTimeoutMs!: number;

  override get faultPoints(): readonly ServiceFaultPoint[] {
    return REGISTRATION_FAULT_POINTS;
  }
}
