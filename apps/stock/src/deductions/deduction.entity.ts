import { DEDUCTION_STATES, type DeductionState, type OrderContents } from '@txmsg/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Maps `stock_deduction`; the SQL scripts define the table. One row for each txNo, never deleted. */
@Entity('stock_deduction')
export class DeductionEntity implements OrderContents {
  @PrimaryColumn({ name: 'tx_no', type: 'varchar', length: 64 })
  readonly txNo!: string;

  @Column({ name: 'order_no', type: 'varchar', length: 64 })
  readonly orderNo!: string;

  @Column({ name: 'product_id', type: 'varchar', length: 64 })
  readonly productId!: string;

  @Column({ name: 'pay_count', type: 'int' })
  readonly payCount!: number;

  @Column({ type: 'enum', enum: DEDUCTION_STATES })
  readonly state!: DeductionState;

  @Column({ type: 'varchar', length: 255, nullable: true })
  readonly reason!: string | null;

  @Column({ name: 'create_time', type: 'datetime', precision: 3 })
  readonly createTime!: Date;
}
