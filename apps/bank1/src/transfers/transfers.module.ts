import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { ClassicTransferController } from './classic-transfer.controller.js';
import { OpenTransfersGauge } from './open-transfers.gauge.js';
import { OutgoingTransferEntity } from './outgoing-transfer.entity.js';
import { OutgoingTransferLedger } from './outgoing-transfer.ledger.js';
import { OutgoingTransferReader } from './outgoing-transfer.reader.js';
import { OutgoingTransferTable } from './outgoing-transfer.table.js';
import { TransferResultListener } from './transfer-result.listener.js';
import { TransferTransactionListener } from './transfer-transaction.listener.js';
import { TransferService } from './transfer.service.js';
import { TransfersController } from './transfers.controller.js';

@Module({
  imports: [TypeOrmModule.forFeature([OutgoingTransferEntity])],
  controllers: [ClassicTransferController, TransfersController],
  providers: [
    TransferService,
    OpenTransfersGauge,
    OutgoingTransferLedger,
    OutgoingTransferReader,
    OutgoingTransferTable,
    TransferTransactionListener,
    TransferResultListener,
  ],
  exports: [OutgoingTransferLedger],
})
export class TransfersModule {}
