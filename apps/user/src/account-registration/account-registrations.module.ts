import { Module, type DynamicModule } from '@nestjs/common';
import { TwoPhaseCommitsModule } from '@txmsg/service/seata';
import type { SettingsWithAccounts } from '../user-settings.js';
import { AccountRegistrationBranches } from './account-registration.branches.js';
import { AccountRegistrationEnds } from './account-registration.ends.js';
import { AccountRegistrationService } from './account-registration.service.js';
import { AccountRegistrationsController } from './account-registrations.controller.js';
import { AtUser } from './at-user.js';
import { IdentityClient } from './identity.client.js';
import { TccUserAction } from './tcc-user.action.js';

@Module({})
export class AccountRegistrationsModule {
  static forRoot(settings: SettingsWithAccounts): DynamicModule {
    return {
      module: AccountRegistrationsModule,
      imports: [TwoPhaseCommitsModule.forRoot(settings)],
      controllers: [AccountRegistrationsController],
      providers: [
        AccountRegistrationService,
        AccountRegistrationBranches,
        AccountRegistrationEnds,
        TccUserAction,
        AtUser,
        IdentityClient,
      ],
    };
  }
}
