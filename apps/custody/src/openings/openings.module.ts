import { Module } from '@nestjs/common';
import { OpenOpeningsGauge } from './open-openings.gauge.js';
import { OpeningJob } from './opening.job.js';
import { OpeningLedger } from './opening.ledger.js';
import { OpeningService } from './opening.service.js';
import { OpeningStore } from './opening.store.js';
import { OpeningsController } from './openings.controller.js';

@Module({
  controllers: [OpeningsController],
  providers: [OpenOpeningsGauge, OpeningJob, OpeningLedger, OpeningService, OpeningStore],
})
export class OpeningsModule {}
