import { SEATA_BANK1_PORT, SEATA_BANK1_PREFIX, SEATA_BANK2_PORT } from '@txmsg/contracts';
import { SEATA_FAULT_POINTS } from '@txmsg/seata';
import {
  ClassicGetAnyHost,
  ClassicGetEnabled,
  httpUrl,
  onOrOff,
  secretWord,
  ServiceSettings,
  Setting,
  wholeNumber,
} from '@txmsg/service';
import {
  AcceptXidFrom,
  GlobalTimeoutMs,
  SeataApplicationId,
  SeataServer,
  SeataServiceGroup,
  type SeataSettings,
} from '@txmsg/service/seata';
import type { ServiceFaultPoint } from 'txmsg/faults';
import { TRANSFER_FAULT_POINTS } from './transfers/transfer.fault-points.js';

/** What seata-bank1 reads from its environment. */
export class SeataBank1Settings extends ServiceSettings implements SeataSettings {
  readonly serviceName = SEATA_BANK1_PREFIX;
  override readonly kind = 'bank';

  @SeataServer()
  readonly seataServer!: string;

  @SeataApplicationId('seata-bank1')
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
    default: String(SEATA_BANK1_PORT),
    meaning: 'The port that HTTP listens on; 0 takes any free one.',
  })
  readonly port!: number;

  @Setting({
    name: 'BANK2_URL',
    rule: httpUrl,
    default: `http://127.0.0.1:${SEATA_BANK2_PORT}`,
    meaning: 'Where seata-bank2 is: scheme, host and port.',
  })
  readonly bank2Url!: string;

  @Setting({
    name: 'BANK2_ADMIN_TOKEN',
    rule: secretWord,
    secret: true,
    meaning:
      "seata-bank2's `ADMIN_TOKEN`, for the audit, if it is another one than this bank's; it is never sent, only proven.",
  })
  readonly bank2AdminToken?: string;

  @Setting({
    name: 'TRANSFER_END_INTERVAL_MS',
    rule: wholeNumber(0, 3_600_000),
    default: '5000',
    meaning:
      'How often transfers that were never ended are looked for, whose global transaction is over, in ms; 0 switches it off.',
  })
  readonly transferEndIntervalMs!: number;

  @Setting({
    name: 'CLASSIC_FAULTS',
    rule: onOrOff,
    default: 'false',
    meaning:
      'Fail as the original does, for tests and demonstrations: a transfer of 2 after bank2 was called.',
  })
  readonly classicFaults!: boolean;

  @ClassicGetEnabled('`GET /bank1/at/transfer` and `GET /bank1/tcc/transfer`')
  readonly classicGetEnabled!: boolean;

  @ClassicGetAnyHost()
  readonly classicGetAnyHost!: boolean;

  override get classicGet(): { readonly isEnabled: boolean; readonly byAnyHost: boolean } {
    return { isEnabled: this.classicGetEnabled, byAnyHost: this.classicGetAnyHost };
  }

  override get faultPoints(): readonly ServiceFaultPoint[] {
    return [...TRANSFER_FAULT_POINTS, ...SEATA_FAULT_POINTS];
  }
}
