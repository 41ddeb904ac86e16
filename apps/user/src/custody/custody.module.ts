import { Module } from '@nestjs/common';
import { CustodyAccountController } from './custody-account.controller.js';
import { CustodyAnswers } from './custody-answers.js';
import { CustodyClient } from './custody.client.js';
import { CustodyService } from './custody.service.js';
import { CustodyRequestLedger } from './custody-request.ledger.js';
import { CustodyRequestStore } from './custody-request.store.js';
import { OpenRequestsGauge } from './open-requests.gauge.js';

@Module({
  controllers: [CustodyAccountController],
  providers: [
    CustodyAnswers,
    CustodyClient,
    CustodyRequestLedger,
    CustodyRequestStore,
    CustodyService,
    OpenRequestsGauge,
  ],
  exports: [CustodyAnswers, CustodyClient, CustodyRequestLedger],
})
export class CustodyModule {}
