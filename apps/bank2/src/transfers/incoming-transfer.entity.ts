import { TRANSFER_OUTCOMES, type TransferOutcome } from '@txmsg/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Maps `incoming_transfer`; the SQL scripts define the table. One row for each txNo, never deleted. */
@Entity('incoming_transfer')
export class IncomingTransferEntity {
  @PrimaryColumn({ name: 'tx_no', type: 'varchar', length: 64 })
  readonly txNo!: string;

  @Column({ name: 'account_no', type: 'varchar', length: 64 })
  readonly accountNo!: string;

  @Column({ name: 'to_account_no', type: 'varchar', length: 64 })
  readonly toAccountNo!: string;

  @Column({ type: 'decimal', precision: 19, scale: 2 })
  readonly amount!: string;

  @Column({ type: 'enum', enum: TRANSFER_OUTCOMES })
  readonly state!: TransferOutcome;

  @Column({ type: 'varchar', length: 255, nullable: true })
  readonly reason!: string | null;

  @Column({ name: 'create_time', type: 'datetime', precision: 3 })
  readonly createTime!: Date;
}
