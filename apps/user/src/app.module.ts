import { Module, type DynamicModule } from '@nestjs/common';
import { ServiceModule } from '@txmsg/service';
import { AccountRegistrationsOffModule } from './account-registration/account-registrations-off.module.js';
import { CustodyModule } from './custody/custody.module.js';
import { ReconciliationModule } from './reconciliation/reconciliation.module.js';
import { RegistrationModule } from './registration/registration.module.js';
import { hasAccounts, type UserSettings } from './user-settings.js';
import { UsersModule } from './users/users.module.js';
import { WebhooksModule } from './webhooks/webhooks.module.js';

@Module({})
export class AppModule {
  static forRoot(settings: UserSettings): DynamicModule {
    return {
      module: AppModule,
      imports: [
        ServiceModule.forRoot(settings),
        UsersModule,
        RegistrationModule,
        accountRegistrations(settings),
        CustodyModule,
        WebhooksModule,
        ReconciliationModule,
      ],
    };
  }
}

/** Loaded only where it is used: the client of the coordinator, and what it needs, take their time. */
async function accountRegistrations(settings: UserSettings): Promise<DynamicModule> {
  if (!hasAccounts(settings)) return { module: AccountRegistrationsOffModule };
  const { AccountRegistrationsModule } =
    await import('./account-registration/account-registrations.module.js');
  return AccountRegistrationsModule.forRoot(settings);
}
