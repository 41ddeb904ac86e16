import { Module } from '@nestjs/common';
import { DueProjects } from './due-projects.js';
import { ReconciliationController } from './reconciliation.controller.js';
import { ReconciliationScheduler } from './reconciliation.scheduler.js';
import { ReconciliationService } from './reconciliation.service.js';
import { RepaymentClient } from './repayment.client.js';

@Module({
  controllers: [ReconciliationController],
  providers: [DueProjects, RepaymentClient, ReconciliationService, ReconciliationScheduler],
})
export class ReconciliationModule {}
