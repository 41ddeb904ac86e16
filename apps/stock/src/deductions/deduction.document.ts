import { ApiProperty } from '@nestjs/swagger';
import { DEDUCTION_STATES, type DeductionState } from '@txmsg/contracts';

/** What stock has decided about an order. */
export class DeductionDocument {
  @ApiProperty()
  readonly txNo!: string;

  @ApiProperty({ enum: DEDUCTION_STATES })
  readonly state!: DeductionState;

  @ApiProperty()
  readonly orderNo!: string;

  @ApiProperty({ example: '1' })
  readonly productId!: string;

  @ApiProperty({ example: 3 })
  readonly payCount!: number;

  @ApiProperty({ type: String, nullable: true, description: 'Why it was refused or returned.' })
  readonly reason!: string | null;

  @ApiProperty()
  readonly createTime!: Date;
}
