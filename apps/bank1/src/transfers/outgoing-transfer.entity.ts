import { Column, Entity, PrimaryColumn } from 'typeorm';

/** DEBITED: the money has left the account and is on its way. */
export const OUTGOING_TRANSFER_STATES = ['DEBITED', 'COMPLETED', 'REFUNDED'] as const;
export type OutgoingTransferState = (typeof OUTGOING_TRANSFER_STATES)[number];

/** Maps `outgoing_transfer`; the SQL scripts define the table. One row for each txNo, never deleted. */
@Entity('outgoing_transfer')
export class OutgoingTransferEntity {
  @PrimaryColumn({ name: 'tx_no', type: 'varchar', length: 64 })
  readonly txNo!: string;

  @Column({ name: 'account_no', type: 'varchar', length: 64 })
  readonly accountNo!: string;

  @Column({ name: 'to_account_no', type: 'varchar', length: 64 })
  readonly toAccountNo!: string;

  @Column({ type: 'decimal', precision: 19, scale: 2 })
  readonly amount!: string;

  @Column({ type: 'enum', enum: OUTGOING_TRANSFER_STATES })
  readonly state!: OutgoingTransferState;

  @Column({ type: 'varchar', length: 255, nullable: true })
  readonly reason!: string | null;

  @Column({ name: 'create_time', type: 'datetime', precision: 3 })
  readonly createTime!: Date;

  @Column({ name: 'update_time', type: 'datetime', precision: 3 })
  readonly updateTime!: Date;
}
