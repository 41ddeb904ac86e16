import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Maps `user_info`; the SQL scripts define the table. One row for each registration, never deleted. */
@Entity('user_info')
export class UserEntity {
  @PrimaryColumn({ name: 'tx_no', type: 'varchar', length: 64 })
  readonly txNo!: string;

  @Column({ name: 'user_id', type: 'varchar', length: 64, unique: true })
  readonly userId!: string;

  @Column({ type: 'varchar', length: 100 })
  readonly name!: string;

  @Column({ name: 'create_time', type: 'datetime', precision: 3 })
  readonly createTime!: Date;
}
