import { Module, type DynamicModule } from '@nestjs/common';
import { AccountsModule } from './accounts/accounts.module.js';
import { AdminModule } from './admin/admin.module.js';
import type { BankSettings } from './configuration/bank-settings.js';
import { SettingsModule } from './configuration/settings.module.js';
import { DatabaseModule } from './database/database.module.js';
import { HealthModule } from './health/health.module.js';
import { MessagingModule } from './messaging/messaging.module.js';
import { ReadingsModule } from './telemetry/readings.js';

/** What every bank is made of; a bank adds its transfers. */
@Module({})
export class BankModule {
  static forRoot(settings: BankSettings): DynamicModule {
    return {
      module: BankModule,
      imports: [
        SettingsModule.forRoot(settings),
        ReadingsModule,
        DatabaseModule.forRoot(settings),
        MessagingModule.forRoot(settings),
        AccountsModule,
        HealthModule,
        AdminModule,
      ],
    };
  }
}
