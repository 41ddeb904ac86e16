import { Module } from '@nestjs/common';
import { TransferSettlement } from '../transfers/transfer-settlement.js';
import { Bank2Client } from './bank2.client.js';
import { DueTransfers } from './due-transfers.js';
import { ReconciliationController } from './reconciliation.controller.js';
import { ReconciliationScheduler } from './reconciliation.scheduler.js';
import { ReconciliationService } from './reconciliation.service.js';

@Module({
  controllers: [ReconciliationController],
  providers: [Bank2Client, DueTransfers, TransferSettlement, ReconciliationService, ReconciliationScheduler],
  exports: [ReconciliationService],
})
export class ReconciliationModule {}
