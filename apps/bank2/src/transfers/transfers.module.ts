import { Module, type DynamicModule } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import type { Bank2Settings } from '../bank2-settings.js';
import { accountChangeListener } from './account-change.listener.js';
import { IncomingTransferEntity } from './incoming-transfer.entity.js';
import { TransferLedger } from './transfer-ledger.js';
import { TransferResults } from './transfer-results.js';
import { TransfersController } from './transfers.controller.js';

@Module({})
export class TransfersModule {
  static forRoot(settings: Bank2Settings): DynamicModule {
    return {
      module: TransfersModule,
      imports: [TypeOrmModule.forFeature([IncomingTransferEntity])],
      controllers: [TransfersController],
      providers: [TransferLedger, TransferResults, accountChangeListener(settings)],
    };
  }
}
