import { Module, type DynamicModule } from '@nestjs/common';
import { AdminModule } from './admin/admin.module.js';
import type { ServiceSettings } from './configuration/service-settings.js';
import { SettingsModule } from './configuration/settings.module.js';
import { DatabaseModule } from './database/database.module.js';
import { HealthModule } from './health/health.module.js';
import { MessagingModule } from './messaging/messaging.module.js';
import { ReadingsModule } from './telemetry/readings.js';

/** What every service is made of; a service adds its own logic. */
@Module({})
export class ServiceModule {
  static forRoot(settings: ServiceSettings): DynamicModule {
    return {
      module: ServiceModule,
      imports: [
        SettingsModule.forRoot(settings),
        ReadingsModule,
        DatabaseModule.forRoot(settings),
        MessagingModule.forRoot(settings),
        HealthModule,
        AdminModule,
      ],
    };
  }
}
