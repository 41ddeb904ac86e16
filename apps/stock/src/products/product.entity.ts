import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

/** Maps `stock`; the SQL scripts define the table. */
@Entity('stock')
export class ProductEntity {
  @PrimaryGeneratedColumn({ type: 'bigint' })
  readonly id!: string;

  @Column({ name: 'product_id', type: 'varchar', length: 64, unique: true })
  readonly productId!: string;

  @Column({ name: 'total_count', type: 'bigint' })
  readonly totalCount!: string;

  @Column({ name: 'opening_count', type: 'bigint' })
  readonly openingCount!: string;
}
