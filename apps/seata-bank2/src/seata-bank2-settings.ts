import { SEATA_BANK2_PORT, SEATA_BANK2_PREFIX } from '@txmsg/contracts';
import { SEATA_FAULT_POINTS } from '@txmsg/seata';
import { onOrOff, Setting, wholeNumber } from '@txmsg/service';
import { SeataApplicationId, TwoPhaseCommitSettings } from '@txmsg/service/seata';
import type { ServiceFaultPoint } from 'txmsg/faults';
import { CREDIT_FAULT_POINTS } from './credits/credit.fault-points.js';

/** What seata-bank2 reads from its environment. */
export class SeataBank2Settings extends TwoPhaseCommitSettings {
  readonly serviceName = SEATA_BANK2_PREFIX;
  override readonly kind = 'bank';

  @SeataApplicationId('seata-bank2')
  readonly seataApplicationId!: string;

  @Setting({
    name: 'PORT',
    rule: wholeNumber(0, 65_535),
    default: String(SEATA_BANK2_PORT),
    meaning: 'The port that HTTP listens on; 0 takes any free one.',
  })
  readonly port!: number;

  @Setting({
    name: 'CLASSIC_FAULTS',
    rule: onOrOff,
    default: 'false',
    meaning: 'Fail as the original does, for tests and demonstrations: a credit of 3 after phase one.',
  })
  readonly classicFaults!: boolean;

  override get faultPoints(): readonly ServiceFaultPoint[] {
    return [...CREDIT_FAULT_POINTS, ...SEATA_FAULT_POINTS];
  }
}
