import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { BidsClient } from './bids.client.js';
import { PlanEntity } from './plan.entity.js';
import { PlanJob } from './plan.job.js';
import { PlanLedger } from './plan.ledger.js';
import { PlansController } from './plans.controller.js';
import { ReviewListener } from './review.listener.js';

@Module({
  imports: [TypeOrmModule.forFeature([PlanEntity])],
  controllers: [PlansController],
  providers: [BidsClient, PlanJob, PlanLedger, ReviewListener],
})
export class PlansModule {}
