import { PLAN_STATES, type PlanState, type ReviewContents } from '@txmsg/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Maps `repayment_plan`; the SQL script defines the table. One for each project, never deleted. */
@Entity('repayment_plan')
export class PlanEntity implements ReviewContents {
  @PrimaryColumn({ name: 'project_id', type: 'varchar', length: 64 })
  readonly projectId!: string;

  @Column({ name: 'tx_no', type: 'varchar', length: 64 })
  readonly txNo!: string;

  @Column({ type: 'decimal', precision: 19, scale: 2 })
  readonly amount!: string;

  @Column({ name: 'bid_count', type: 'int' })
  readonly bidCount!: number;

  @Column({ type: 'int' })
  readonly terms!: number;

  @Column({ name: 'annual_rate', type: 'decimal', precision: 5, scale: 2 })
  readonly annualRate!: string;

  @Column({ type: 'enum', enum: PLAN_STATES })
  readonly state!: PlanState;

  @Column({ type: 'varchar', length: 255, nullable: true })
  readonly reason!: string | null;

  @Column({ name: 'investors_made', type: 'int' })
  readonly investorsMade!: number;

  @Column({ name: 'instalments_made', type: 'int' })
  readonly instalmentsMade!: number;

  @Column({ name: 'principal_made', type: 'decimal', precision: 19, scale: 2 })
  readonly principalMade!: string;

  @Column({ name: 'interest_made', type: 'decimal', precision: 19, scale: 2 })
  readonly interestMade!: string;
}
