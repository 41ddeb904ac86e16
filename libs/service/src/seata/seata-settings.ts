import { hostAndPort, matching, oneOf, wholeNumber } from '../configuration/setting-rules.js';
import { ServiceSettings } from '../configuration/service-settings.js';
import { Setting } from '../configuration/setting.decorator.js';
import { PeerSharedSecret } from '../peer/peer-settings.js';

/** What services that take part in two-phase commits read, beside what every service does; each declares them by the decorators below. */
export interface SeataSettings {
  readonly seataServer: string;
  readonly seataApplicationId: string;
  readonly seataServiceGroup: string;
  readonly globalTimeoutMs: number;
  readonly acceptXidFrom: 'anyone' | 'nobody';
}

const seataName = matching(/^[\x21-\x7e]{1,32}$/, '1 to 32 printable ASCII characters without a space');

/** @param without - what a service does that works without it too; @default it must be given */
export function SeataServer(without?: string): PropertyDecorator {
  return Setting({
    name: 'SEATA_SERVER',
    rule: hostAndPort,
    required: without === undefined,
    meaning: `Where Seata's coordinator listens. It speaks neither TLS nor a password: keep strangers from its port.${without === undefined ? '' : ` ${without}`}`,
  });
}

/** @param byDefault - the service's own name */
export function SeataApplicationId(byDefault: string): PropertyDecorator {
  return Setting({
    name: 'SEATA_APPLICATION_ID',
    rule: seataName,
    default: byDefault,
    meaning:
      'What the coordinator calls this kind of service; the same in every instance, and no other service has it.',
  });
}

export function SeataServiceGroup(): PropertyDecorator {
  return Setting({
    name: 'SEATA_SERVICE_GROUP',
    rule: seataName,
    default: 'default_tx_group',
    meaning: "The coordinator's name for the group of services that commit together.",
  });
}

export function GlobalTimeoutMs(): PropertyDecorator {
  return Setting({
    name: 'GLOBAL_TIMEOUT_MS',
    rule: wholeNumber(1000, 3_600_000),
    default: '30000',
    meaning: 'After how long the coordinator rolls back a global transaction that was not ended, in ms.',
  });
}

/** @param byDefault - `nobody` for a service that only begins global transactions */
export function AcceptXidFrom(byDefault: 'anyone' | 'nobody' = 'anyone'): PropertyDecorator {
  return Setting({
    name: 'ACCEPT_XID_FROM',
    rule: oneOf(['anyone', 'nobody']),
    default: byDefault,
    meaning:
      'Who may bring a global transaction (header `TX_XID`), and with it decide whether what this service does is committed. ' +
      'Only a service that takes part in those of others reads the header.',
  });
}

/** What every service reads that works only by two-phase commits. */
export abstract class TwoPhaseCommitSettings extends ServiceSettings implements SeataSettings {
  @SeataServer()
  readonly seataServer!: string;

  /** Each service has its own default: `@SeataApplicationId('…')`. */
  abstract readonly seataApplicationId: string;

  @SeataServiceGroup()
  readonly seataServiceGroup!: string;

  @GlobalTimeoutMs()
  readonly globalTimeoutMs!: number;

  @AcceptXidFrom()
  readonly acceptXidFrom!: 'anyone' | 'nobody';

  @PeerSharedSecret()
  readonly peerSharedSecret?: string;

  override get answerSecret(): string | undefined {
    return this.peerSharedSecret;
  }
}
