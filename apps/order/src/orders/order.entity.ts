import type { OrderContents } from '@txmsg/contracts';
import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

/** PENDING: stock has not said what it decided. */
export const ORDER_STATUSES = ['PENDING', 'CONFIRMED', 'CANCELLED'] as const;
export type OrderStatus = (typeof ORDER_STATUSES)[number];

/** Maps `order`; the SQL scripts define the table. One row for each order, never deleted. */
@Entity('order')
export class OrderEntity implements OrderContents {
  @PrimaryGeneratedColumn({ type: 'bigint' })
  readonly id!: string;

  @Column({ name: 'order_no', type: 'varchar', length: 64, unique: true })
  readonly orderNo!: string;

  @Column({ name: 'tx_no', type: 'varchar', length: 64, unique: true })
  readonly txNo!: string;

  @Column({ name: 'product_id', type: 'varchar', length: 64 })
  readonly productId!: string;

  @Column({ name: 'pay_count', type: 'int' })
  readonly payCount!: number;

  @Column({ type: 'enum', enum: ORDER_STATUSES })
  readonly status!: OrderStatus;

  @Column({ type: 'varchar', length: 255, nullable: true })
  readonly reason!: string | null;

  @Column({ name: 'create_time', type: 'datetime', precision: 3 })
  readonly createTime!: Date;

  @Column({ name: 'update_time', type: 'datetime', precision: 3 })
  readonly updateTime!: Date;
}
