import { IDENTITY_PORT, IDENTITY_PREFIX } from '@txmsg/contracts';
import { SEATA_FAULT_POINTS } from '@txmsg/seata/fault-points';
import { Setting, wholeNumber } from '@txmsg/service';
import { SeataApplicationId, TwoPhaseCommitSettings } from '@txmsg/service/seata-settings';
import type { ServiceFaultPoint } from 'txmsg/faults';
import { ACCOUNT_FAULT_POINTS } from './accounts/account.fault-points.js';

/** What identity reads from its environment. */
export class IdentitySettings extends TwoPhaseCommitSettings {
  readonly serviceName = IDENTITY_PREFIX;

  @SeataApplicationId('identity')
  readonly seataApplicationId!: string;

  @Setting({
    name: 'PORT',
    rule: wholeNumber(0, 65_535),
    default: String(IDENTITY_PORT),
    meaning: 'The port that HTTP listens on; 0 takes any free one.',
  })
  readonly port!: number;

  @Setting({
    name: 'PASSWORD_HASH_COST',
    rule: wholeNumber(1, 64),
    default: '5',
    meaning:
      'How much work the hash of a password is: `p` of scrypt, whose N is 16384 and r is 8. Each takes 16 MiB while it is computed. Hashes that are there keep theirs.',
  })
  readonly passwordHashCost!: number;

  @Setting({
    name: 'PASSWORD_HASHES_AT_ONCE',
    rule: wholeNumber(1, 64),
    default: '2',
    meaning: 'How many hashes of passwords are computed at a time; others wait for their turn.',
  })
  readonly passwordHashesAtOnce!: number;

  @Setting({
    name: 'PASSWORD_HASH_TIMEOUT_MS',
    rule: wholeNumber(100, 60_000),
    default: '5000',
    meaning: 'How long a login or a new account may wait for its turn before it is answered 503, in ms.',
  })
  readonly passwordHashTimeoutMs!: number;

  override get faultPoints(): readonly ServiceFaultPoint[] {
    return [...ACCOUNT_FAULT_POINTS, ...SEATA_FAULT_POINTS];
  }
}
