import { Module, type DynamicModule } from '@nestjs/common';
import { AccountsModule } from '@txmsg/bank';
import { ServiceModule } from '@txmsg/service';
import { AuditModule } from './audit/audit.module.js';
import type { Bank1Settings } from './bank1-settings.js';
import { ReconciliationModule } from './reconciliation/reconciliation.module.js';
import { TopUpsModule } from './top-ups/top-ups.module.js';
import { TransfersModule } from './transfers/transfers.module.js';

@Module({})
export class AppModule {
  static forRoot(settings: Bank1Settings): DynamicModule {
    return {
      module: AppModule,
      imports: [
        ServiceModule.forRoot(settings),
        AccountsModule,
        TransfersModule,
        ReconciliationModule,
        TopUpsModule,
        AuditModule,
      ],
    };
  }
}
