import { Module, type DynamicModule } from '@nestjs/common';
import { AccountsModule } from '@txmsg/bank';
import { ServiceModule } from '@txmsg/service';
import { TwoPhaseCommitsModule } from '@txmsg/service/seata';
import { AuditModule } from './audit/audit.module.js';
import type { SeataBank2Settings } from './seata-bank2-settings.js';
import { CreditsModule } from './credits/credits.module.js';

@Module({})
export class AppModule {
  static forRoot(settings: SeataBank2Settings): DynamicModule {
    return {
      module: AppModule,
      imports: [
        ServiceModule.forRoot(settings),
        TwoPhaseCommitsModule.forRoot(settings),
        AccountsModule,
        CreditsModule,
        AuditModule,
      ],
    };
  }
}
