import { Module, type DynamicModule } from '@nestjs/common';
import { AccountsModule } from '@txmsg/bank';
import { ServiceModule } from '@txmsg/service';
import { AuditModule } from './audit/audit.module.js';
import type { Bank2Settings } from './bank2-settings.js';
import { TransfersModule } from './transfers/transfers.module.js';

@Module({})
export class AppModule {
  static forRoot(settings: Bank2Settings): DynamicModule {
    return {
      module: AppModule,
      imports: [ServiceModule.forRoot(settings), AccountsModule, TransfersModule, AuditModule],
    };
  }
}
