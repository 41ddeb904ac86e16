import { Module, type DynamicModule } from '@nestjs/common';
import { AccountsModule } from '@txmsg/bank';
import { ServiceModule } from '@txmsg/service';
import { TwoPhaseCommitsModule } from '@txmsg/service/seata';
import { AuditModule } from './audit/audit.module.js';
import type { SeataBank1Settings } from './seata-bank1-settings.js';
import { TransfersModule } from './transfers/transfers.module.js';

@Module({})
export class AppModule {
  static forRoot(settings: SeataBank1Settings): DynamicModule {
    return {
      module: AppModule,
      imports: [
        ServiceModule.forRoot(settings),
        TwoPhaseCommitsModule.forRoot(settings),
        AccountsModule,
        TransfersModule,
        AuditModule,
      ],
    };
  }
}
