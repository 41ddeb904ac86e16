import { Module, type DynamicModule } from '@nestjs/common';
import { JobsAdminModule, ServiceModule } from '@txmsg/service';
import { PlansModule } from './plans/plans.module.js';
import type { RepaymentSettings } from './repayment-settings.js';

@Module({})
export class AppModule {
  static forRoot(settings: RepaymentSettings): DynamicModule {
    return {
      module: AppModule,
      imports: [ServiceModule.forRoot(settings), JobsAdminModule, PlansModule],
    };
  }
}
