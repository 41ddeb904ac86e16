import { Module } from '@nestjs/common';
import { PaymentService } from './payment.service.js';
import { PaymentStore } from './payment.store.js';
import { PaymentsController } from './payments.controller.js';

@Module({
  controllers: [PaymentsController],
  providers: [PaymentService, PaymentStore],
})
export class PaymentsModule {}
