import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

export const ACCOUNT_STATUSES = ['ACTIVE', 'FROZEN'] as const;
export type AccountStatus = (typeof ACCOUNT_STATUSES)[number];

/** Maps `account_info`; the SQL scripts define the table. Amounts are decimal strings, never numbers. */
@Entity('account_info')
export class AccountEntity {
  @PrimaryGeneratedColumn({ type: 'bigint' })
  readonly id!: string;

  /** Null where another program made the account without a name. */
  @Column({ name: 'account_name', type: 'varchar', length: 100, nullable: true })
  readonly accountName!: string | null;

  @Column({ name: 'account_no', type: 'varchar', length: 100, unique: true })
  readonly accountNo!: string;

  @Column({ name: 'account_balance', type: 'decimal', precision: 19, scale: 2 })
  readonly accountBalance!: string;

  @Column({ name: 'opening_balance', type: 'decimal', precision: 19, scale: 2 })
  readonly openingBalance!: string;

  @Column({ type: 'enum', enum: ACCOUNT_STATUSES })
  readonly status!: AccountStatus;
}
