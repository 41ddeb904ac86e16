import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { TWO_PHASE_PATTERNS, type TwoPhasePattern } from '@txmsg/contracts';
import { TRANSFER_STATES, type TransferState } from './transfer.js';

/** What a transfer call answers when both banks commit it; a repeated call answers the same. */
export class TransferReceiptDocument {
  @ApiProperty({ example: '5f8f8c44-9d0b-4d8e-8a57-0e1d0b0f8f5a' })
  readonly txNo!: string;

  @ApiProperty({ enum: ['COMMITTED'] })
  readonly state!: 'COMMITTED';

  @ApiProperty({ enum: TWO_PHASE_PATTERNS })
  readonly pattern!: TwoPhasePattern;

  @ApiProperty({ example: '1' })
  readonly accountNo!: string;

  @ApiProperty({ example: '2' })
  readonly toAccountNo!: string;

  @ApiProperty({ example: '100.00' })
  readonly amount!: string;
}

/** The outcome could not be learnt yet: repeat the call with this txNo. */
export class UnknownTransferDocument {
  @ApiProperty({ example: '5f8f8c44-9d0b-4d8e-8a57-0e1d0b0f8f5a' })
  readonly txNo!: string;

  @ApiProperty({ enum: ['UNKNOWN'] })
  readonly state!: 'UNKNOWN';
}

/** Where a transfer stands at this bank. */
export class TransferDocument {
  @ApiProperty()
  readonly txNo!: string;

  @ApiProperty({ enum: TWO_PHASE_PATTERNS })
  readonly pattern!: TwoPhasePattern;

  @ApiProperty({
    enum: TRANSFER_STATES,
    description: 'OPEN: phase two has not run here yet, also of a transfer that was answered as COMMITTED.',
  })
  readonly state!: TransferState;

  @ApiProperty()
  readonly accountNo!: string;

  @ApiProperty()
  readonly toAccountNo!: string;

  @ApiProperty({ example: '100.00' })
  readonly amount!: string;

  @ApiProperty({ description: "Seata's global transaction.", example: '10.0.0.5:8091:2612345678901234567' })
  readonly xid!: string;

  @ApiProperty()
  readonly createTime!: Date;
}

export class TransferPage {
  @ApiProperty({ type: [TransferDocument], description: 'In the order of their txNo.' })
  readonly items!: TransferDocument[];

  @ApiPropertyOptional({
    type: String,
    nullable: true,
    description: 'Pass it as `after`; null on the last page.',
  })
  readonly next!: string | null;
}
