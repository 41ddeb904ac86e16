import { Module, type DynamicModule } from '@nestjs/common';
import { ServiceModule } from '@txmsg/service';
import { CustodyModule } from './custody/custody.module.js';
import { ReconciliationModule } from './reconciliation/reconciliation.module.js';
import { RegistrationModule } from './registration/registration.module.js';
import type { UserSettings } from './user-settings.js';
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
        CustodyModule,
        WebhooksModule,
        ReconciliationModule,
      ],
    };
  }
}
