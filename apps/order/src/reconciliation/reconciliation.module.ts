import { Module } from '@nestjs/common';
import { OrdersModule } from '../orders/orders.module.js';
import { DueOrders } from './due-orders.js';
import { ReconciliationController } from './reconciliation.controller.js';
import { ReconciliationScheduler } from './reconciliation.scheduler.js';
import { ReconciliationService } from './reconciliation.service.js';
import { StockClient } from './stock.client.js';

@Module({
  imports: [OrdersModule],
  controllers: [ReconciliationController],
  providers: [StockClient, DueOrders, ReconciliationService, ReconciliationScheduler],
})
export class ReconciliationModule {}
