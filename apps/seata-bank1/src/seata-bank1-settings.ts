import { SEATA_BANK1_PORT, SEATA_BANK1_PREFIX, SEATA_BANK2_PORT } from '@txmsg/contracts';
import { SEATA_FAULT_POINTS } from '@txmsg/seata';
import {
  AcceptUnsignedAnswers,
  ClassicGetAnyHost,
  ClassicGetEnabled,
  httpUrl,
  onOrOff,
  peerProblems,
  secretWord,
  Setting,
  wholeNumber,
  type AnswerProofs,
} from '@txmsg/service';
import { SeataApplicationId, TwoPhaseCommitSettings } from '@txmsg/service/seata';
import type { ServiceFaultPoint } from 'txmsg/faults';
import { TRANSFER_FAULT_POINTS } from './transfers/transfer.fault-points.js';

/** What seata-bank1 reads from its environment. */
export class SeataBank1Settings extends TwoPhaseCommitSettings implements AnswerProofs {
  readonly serviceName = SEATA_BANK1_PREFIX;
  override readonly kind = 'bank';

  @SeataApplicationId('seata-bank1')
  readonly seataApplicationId!: string;

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

  @AcceptUnsignedAnswers()
  readonly acceptUnsignedAnswers!: boolean;

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

  /** A debit is committed by what bank2 answers, so nobody else may answer in its place. */
  override check(): readonly string[] {
    return [...super.check(), ...peerProblems(this, 'BANK2_URL', this.bank2Url)];
  }

  override get classicGet(): { readonly isEnabled: boolean; readonly byAnyHost: boolean } {
    return { isEnabled: this.classicGetEnabled, byAnyHost: this.classicGetAnyHost };
  }

  override get faultPoints(): readonly ServiceFaultPoint[] {
    return [...TRANSFER_FAULT_POINTS, ...SEATA_FAULT_POINTS];
  }
}
