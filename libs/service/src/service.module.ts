import { Module, type DynamicModule } from '@nestjs/common';
import { AdminModule } from './admin/admin.module.js';
import { MessagingAdminModule } from './admin/messaging-admin.module.js';
import { MessagingSettings } from './configuration/messaging-settings.js';
import type { ServiceSettings } from './configuration/service-settings.js';
import { SettingsModule } from './configuration/settings.module.js';
import { DatabaseModule } from './database/database.module.js';
import { TransactionsModule } from './database/transactions.module.js';
import { HealthModule } from './health/health.module.js';
import { MessagingModule } from './messaging/messaging.module.js';
import { ReadingsModule } from './telemetry/readings.js';

/** What every service is made of; a service adds its own logic. Messages only where its settings have those of RocketMQ. */
@Module({})
export class ServiceModule {
  static forRoot(settings: ServiceSettings): DynamicModule {
    return {
      module: ServiceModule,
      imports: [
        SettingsModule.forRoot(settings),
        ReadingsModule,
        DatabaseModule.forRoot(settings),
        HealthModule,
        ...(settings instanceof MessagingSettings
          ? [MessagingModule.forRoot(settings), MessagingAdminModule]
          : [TransactionsModule.forRoot(settings)]),
        AdminModule,
      ],
    };
  }
}
