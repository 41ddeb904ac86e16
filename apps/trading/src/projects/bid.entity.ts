import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Maps `bid`; the SQL script defines the table. One bid of each investor, never changed or withdrawn. */
@Entity('bid')
export class BidEntity {
  @PrimaryColumn({ name: 'project_id', type: 'varchar', length: 64 })
  readonly projectId!: string;

  @PrimaryColumn({ name: 'investor_no', type: 'varchar', length: 64 })
  readonly investorNo!: string;

  @Column({ type: 'decimal', precision: 19, scale: 2 })
  readonly amount!: string;
}
