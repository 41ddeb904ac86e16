import { ApiProperty } from '@nestjs/swagger';
import { TRANSFER_OUTCOMES, type TransferOutcome } from '@txmsg/contracts';

/** What this bank did with a transfer. */
export class TransferDocument {
  @ApiProperty()
  readonly txNo!: string;

  @ApiProperty({ enum: TRANSFER_OUTCOMES })
  readonly state!: TransferOutcome;

  @ApiProperty()
  readonly accountNo!: string;

  @ApiProperty()
  readonly toAccountNo!: string;

  @ApiProperty({ example: '100.00' })
  readonly amount!: string;

  @ApiProperty({ type: String, nullable: true, description: 'Why it was refused.' })
  readonly reason!: string | null;

  @ApiProperty()
  readonly createTime!: Date;
}
