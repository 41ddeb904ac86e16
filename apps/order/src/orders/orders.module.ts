import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { OpenOrdersGauge } from './open-orders.gauge.js';
import { OrderCancellation } from './order-cancellation.js';
import { OrderEntity } from './order.entity.js';
import { OrderLedger } from './order.ledger.js';
import { OrderRollbackListener } from './order-rollback.listener.js';
import { OrderService } from './order.service.js';
import { OrderTransactionListener } from './order-transaction.listener.js';
import { OrdersController } from './orders.controller.js';
import { OrdersReader } from './orders.reader.js';
import { StockDecisions } from './stock-decisions.js';
import { StockDeductedListener } from './stock-deducted.listener.js';

@Module({
  imports: [TypeOrmModule.forFeature([OrderEntity])],
  controllers: [OrdersController],
  providers: [
    OrderService,
    OpenOrdersGauge,
    OrderLedger,
    OrderCancellation,
    OrdersReader,
    StockDecisions,
    OrderTransactionListener,
    StockDeductedListener,
    OrderRollbackListener,
  ],
  exports: [OrderLedger, OrderCancellation],
})
export class OrdersModule {}
