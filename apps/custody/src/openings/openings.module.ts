import { Module } from '@nestjs/common';
import { OpeningJob } from './opening.job.js';
import { OpeningLedger } from './opening.ledger.js';
import { OpeningService } from './opening.service.js';
import { OpeningStore } from './opening.store.js';
import { OpeningsController } from './openings.controller.js';

@Module({
  controllers: [OpeningsController],
  providers: [OpeningJob, OpeningLedger, OpeningService, OpeningStore],
})
export class OpeningsModule {}
