import { Module, type DynamicModule } from '@nestjs/common';
import { BankSettings } from './bank-settings.js';

/** Gives every provider the settings: under `BankSettings`, and under the bank's own class. */
@Module({})
export class SettingsModule {
  static forRoot(settings: BankSettings): DynamicModule {
    const ownClass = settings.constructor;
    return {
      module: SettingsModule,
      global: true,
      providers: [
        { provide: ownClass, useValue: settings },
        { provide: BankSettings, useExisting: ownClass },
      ],
      exports: [ownClass, BankSettings],
    };
  }
}
