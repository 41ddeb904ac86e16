import { Module } from '@nestjs/common';
import { DueTopUps } from './due-top-ups.js';
import { ExpectedTopUps } from './expected-top-ups.js';
import { ExpectedTopUpsGauge } from './expected-top-ups.gauge.js';
import { PayAnswers } from './pay-answers.js';
import { PayClient } from './pay.client.js';
import { PayResultController } from './pay-result.controller.js';
import { TopUpLedger } from './top-up.ledger.js';
import { TopUpReconciliationController } from './top-up-reconciliation.controller.js';
import { TopUpReconciliationScheduler } from './top-up-reconciliation.scheduler.js';
import { TopUpReconciliationService } from './top-up-reconciliation.service.js';
import { TopUpResultListener } from './top-up-result.listener.js';
import { TopUpTable } from './top-up.table.js';
import { TopUpsController } from './top-ups.controller.js';

@Module({
  controllers: [PayResultController, TopUpsController, TopUpReconciliationController],
  providers: [
    DueTopUps,
    ExpectedTopUps,
    ExpectedTopUpsGauge,
    PayAnswers,
    PayClient,
    TopUpLedger,
    TopUpReconciliationScheduler,
    TopUpReconciliationService,
    TopUpResultListener,
    TopUpTable,
  ],
})
export class TopUpsModule {}
