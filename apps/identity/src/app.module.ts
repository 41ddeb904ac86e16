import { Module, type DynamicModule } from '@nestjs/common';
import { ServiceModule } from '@txmsg/service';
import { TwoPhaseCommitsModule } from '@txmsg/service/seata';
import { AccountsModule } from './accounts/accounts.module.js';
import type { IdentitySettings } from './identity-settings.js';
import { LoginsModule } from './logins/logins.module.js';

@Module({})
export class AppModule {
  static forRoot(settings: IdentitySettings): DynamicModule {
    return {
      module: AppModule,
      imports: [
        ServiceModule.forRoot(settings),
        TwoPhaseCommitsModule.forRoot(settings),
        AccountsModule,
        LoginsModule,
      ],
    };
  }
}
