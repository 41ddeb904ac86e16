import { Module } from '@nestjs/common';
import { TransfersModule } from '../transfers/transfers.module.js';
import { Bank2Client } from './bank2.client.js';
import { DueTransfers } from './due-transfers.js';
import { ReconciliationController } from './reconciliation.controller.js';
import { ReconciliationScheduler } from './reconciliation.scheduler.js';
import { ReconciliationService } from './reconciliation.service.js';

@Module({
  imports: [TransfersModule],
  controllers: [ReconciliationController],
  providers: [Bank2Client, DueTransfers, ReconciliationService, ReconciliationScheduler],
  exports: [ReconciliationService],
})
export class ReconciliationModule {}
