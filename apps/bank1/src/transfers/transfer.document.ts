import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { OUTGOING_TRANSFER_STATES, type OutgoingTransferState } from './outgoing-transfer.entity.js';

/** The result of a transfer call; a repeated call with the same contents answers the same. */
export class TransferReceipt {
  @ApiProperty({ example: '5f8f8c44-9d0b-4d8e-8a57-0e1d0b0f8f5a' })
  readonly txNo!: string;

  @ApiProperty({ enum: ['DEBITED'], description: 'The money has left the account and is on its way.' })
  readonly state!: 'DEBITED';

  @ApiProperty({ example: '1' })
  readonly accountNo!: string;

  @ApiProperty({ example: '2' })
  readonly toAccountNo!: string;

  @ApiProperty({ example: '100.00' })
  readonly amount!: string;
}

/** The outcome could not be learnt yet: repeat the call with this txNo. */
export class UnknownTransfer {
  @ApiProperty({ example: '5f8f8c44-9d0b-4d8e-8a57-0e1d0b0f8f5a' })
  readonly txNo!: string;

  @ApiProperty({ enum: ['UNKNOWN'] })
  readonly state!: 'UNKNOWN';
}

/** Where a transfer stands. */
export class TransferDocument {
  @ApiProperty()
  readonly txNo!: string;

  @ApiProperty({ enum: OUTGOING_TRANSFER_STATES })
  readonly state!: OutgoingTransferState;

  @ApiProperty()
  readonly accountNo!: string;

  @ApiProperty()
  readonly toAccountNo!: string;

  @ApiProperty({ example: '100.00' })
  readonly amount!: string;

  @ApiProperty({ type: String, nullable: true, description: 'Why it was refunded.' })
  readonly reason!: string | null;

  @ApiProperty()
  readonly createTime!: Date;

  @ApiProperty()
  readonly updateTime!: Date;
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
