import { Module, type DynamicModule } from '@nestjs/common';
import { ServiceModule } from '@txmsg/service';
import type { OrderSettings } from './order-settings.js';
import { OrdersModule } from './orders/orders.module.js';
import { ReconciliationModule } from './reconciliation/reconciliation.module.js';

@Module({})
export class AppModule {
  static forRoot(settings: OrderSettings): DynamicModule {
    return {
      module: AppModule,
      imports: [ServiceModule.forRoot(settings), OrdersModule, ReconciliationModule],
    };
  }
}
