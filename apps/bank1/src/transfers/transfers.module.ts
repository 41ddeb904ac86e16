import { Module, type DynamicModule } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import type { Bank1Settings } from '../bank1-settings.js';
import { ClassicTransferController } from './classic-transfer.controller.js';
import { OutgoingTransferEntity } from './outgoing-transfer.entity.js';
import { OutgoingTransferReader } from './outgoing-transfer.reader.js';
import { transferResultListener } from './transfer-result.listener.js';
import { TransferSettlement } from './transfer-settlement.js';
import { transferTransactionListener } from './transfer-transaction.listener.js';
import { TransferService } from './transfer.service.js';
import { TransfersController } from './transfers.controller.js';

@Module({})
export class TransfersModule {
  static forRoot(settings: Bank1Settings): DynamicModule {
    return {
      module: TransfersModule,
      imports: [TypeOrmModule.forFeature([OutgoingTransferEntity])],
      controllers: [ClassicTransferController, TransfersController],
      providers: [
        TransferService,
        TransferSettlement,
        OutgoingTransferReader,
        transferTransactionListener(settings),
        transferResultListener(settings),
      ],
    };
  }
}
