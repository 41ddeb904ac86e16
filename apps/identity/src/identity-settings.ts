import { IDENTITY_PORT, IDENTITY_PREFIX } from '@txmsg/contracts';
import { SEATA_FAULT_POINTS } from '@txmsg/seata/fault-points';
import { ServiceSettings, Setting, sharedSecret, wholeNumber } from '@txmsg/service';
import {
  AcceptXidFrom,
  GlobalTimeoutMs,
  SeataApplicationId,
  SeataServer,
  SeataServiceGroup,
  type SeataSettings,
} from '@txmsg/service/seata-settings';
import type { ServiceFaultPoint } from 'txmsg/faults';
import { ACCOUNT_FAULT_POINTS } from './accounts/account.fault-points.js';

/** What identity reads from its environment. */
export class IdentitySettings extends ServiceSettings implements SeataSettings {
  readonly serviceName = IDENTITY_PREFIX;

  @SeataServer()
  readonly seataServer!: string;

  @SeataApplicationId('identity')
  readonly seataApplicationId!: string;

  @SeataServiceGroup()
  readonly seataServiceGroup!: string;

  @GlobalTimeoutMs()
  readonly globalTimeoutMs!: number;

  @AcceptXidFrom()
  readonly acceptXidFrom!: 'anyone' | 'nobody';

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

  @Setting({
    name: 'PEER_SHARED_SECRET',
    rule: sharedSecret,
    secret: true,
    meaning: 'A secret that identity and user share: answers are signed with it, and user accepts no others.',
  })
  readonly peerSharedSecret?: string;

  override get answerSecret(): string | undefined {
    return this.peerSharedSecret;
  }

  override get faultPoints(): readonly ServiceFaultPoint[] {
    return [...ACCOUNT_FAULT_POINTS, ...SEATA_FAULT_POINTS];
  }
}
