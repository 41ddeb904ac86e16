import { ApiProperty } from '@nestjs/swagger';
import { PLAN_STATES, type PlanState } from '@txmsg/contracts';

/** A repayment plan: what was approved, and how far it has been made. */
export class PlanDocument {
  @ApiProperty()
  readonly projectId!: string;

  @ApiProperty({ description: 'Of the approval.' })
  readonly txNo!: string;

  @ApiProperty({
    enum: PLAN_STATES,
    description: 'PLANNING: it is being made. FAILED: it cannot be, see `reason`.',
  })
  readonly state!: PlanState;

  @ApiProperty({
    type: String,
    nullable: true,
    description:
      'PROJECT_NOT_FOUND, BIDS_DO_NOT_ADD_UP; or JOB_FAILED: an operator of repayment lets it go on (`admin/jobs`).',
  })
  readonly reason!: string | null;

  @ApiProperty({ example: '1000.00' })
  readonly amount!: string;

  @ApiProperty({ example: 3, description: 'Investors.' })
  readonly bidCount!: number;

  @ApiProperty({ example: 3, description: 'Months: instalments of each investor.' })
  readonly terms!: number;

  @ApiProperty({ example: '6.00', description: 'Per cent a year.' })
  readonly annualRate!: string;

  @ApiProperty({ example: 9 })
  readonly instalmentsMade!: number;

  @ApiProperty({ example: 9 })
  readonly instalmentsTotal!: number;

  @ApiProperty({ example: '1000.00', description: 'Of the instalments made: what is paid back.' })
  readonly principalMade!: string;

  @ApiProperty({ example: '15.00', description: 'Of the instalments made: what is paid for it.' })
  readonly interestMade!: string;
}
