import { Module } from '@nestjs/common';
import { CustodyModule } from '../custody/custody.module.js';
import { DueRequests } from './due-requests.js';
import { ReconciliationController } from './reconciliation.controller.js';
import { ReconciliationScheduler } from './reconciliation.scheduler.js';
import { ReconciliationService } from './reconciliation.service.js';

@Module({
  imports: [CustodyModule],
  controllers: [ReconciliationController],
  providers: [DueRequests, ReconciliationScheduler, ReconciliationService],
})
export class ReconciliationModule {}
