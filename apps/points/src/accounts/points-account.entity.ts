import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Maps `points_account`; the SQL scripts define the table. */
@Entity('points_account')
export class PointsAccountEntity {
  @PrimaryColumn({ name: 'user_id', type: 'varchar', length: 64 })
  readonly userId!: string;

  @Column({ type: 'int', unsigned: true })
  readonly points!: number;
}
