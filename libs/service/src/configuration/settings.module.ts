import { Module, type DynamicModule } from '@nestjs/common';
import { ServiceSettings } from './service-settings.js';

/** Gives every provider the settings: under `ServiceSettings`, and under the service's own class. */
@Module({})
export class SettingsModule {
  static forRoot(settings: ServiceSettings): DynamicModule {
    const ownClass = settings.constructor;
    return {
      module: SettingsModule,
      global: true,
      providers: [
        { provide: ownClass, useValue: settings },
        { provide: ServiceSettings, useExisting: ownClass },
      ],
      exports: [ownClass, ServiceSettings],
    };
  }
}
