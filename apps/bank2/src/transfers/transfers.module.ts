import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AccountChangeListener } from './account-change.listener.js';
import { IncomingTransferEntity } from './incoming-transfer.entity.js';
import { TransferLedger } from './transfer-ledger.js';
import { TransferResults } from './transfer-results.js';
import { TransfersController } from './transfers.controller.js';

@Module({
  imports: [TypeOrmModule.forFeature([IncomingTransferEntity])],
  controllers: [TransfersController],
  providers: [TransferLedger, TransferResults, AccountChangeListener],
})
export class TransfersModule {}
