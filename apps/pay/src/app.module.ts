import { Module, type DynamicModule } from '@nestjs/common';
import { ServiceModule } from '@txmsg/service';
import type { PaySettings } from './pay-settings.js';
import { PaymentsModule } from './payments/payments.module.js';

@Module({})
export class AppModule {
  static forRoot(settings: PaySettings): DynamicModule {
    return { module: AppModule, imports: [ServiceModule.forRoot(settings), PaymentsModule] };
  }
}
