import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DeductionAnswers } from './deduction.answers.js';
import { DeductionEntity } from './deduction.entity.js';
import { DeductionLedger } from './deduction.ledger.js';
import { DeductionsController } from './deductions.controller.js';
import { OrderCancelListener } from './order-cancel.listener.js';
import { OrderListener } from './order.listener.js';

@Module({
  imports: [TypeOrmModule.forFeature([DeductionEntity])],
  controllers: [DeductionsController],
  providers: [DeductionLedger, DeductionAnswers, OrderListener, OrderCancelListener],
})
export class DeductionsModule {}
