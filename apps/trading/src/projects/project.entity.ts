import type { ReviewContents } from '@txmsg/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** BIDDING: it takes bids until it is full. REPAYING: it was approved. */
export const PROJECT_STATUSES = ['BIDDING', 'REPAYING'] as const;
export type ProjectStatus = (typeof PROJECT_STATUSES)[number];

/** Maps `project`; the SQL script defines the table. */
@Entity('project')
export class ProjectEntity implements ReviewContents {
  @PrimaryColumn({ name: 'project_id', type: 'varchar', length: 64 })
  readonly projectId!: string;

  @Column({ type: 'decimal', precision: 19, scale: 2 })
  readonly amount!: string;

  @Column({ name: 'bid_amount', type: 'decimal', precision: 19, scale: 2 })
  readonly bidAmount!: string;

  @Column({ name: 'bid_count', type: 'int' })
  readonly bidCount!: number;

  @Column({ type: 'int' })
  readonly terms!: number;

  @Column({ name: 'annual_rate', type: 'decimal', precision: 5, scale: 2 })
  readonly annualRate!: string;

  @Column({ type: 'enum', enum: PROJECT_STATUSES })
  readonly status!: ProjectStatus;
}
