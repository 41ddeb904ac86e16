import { Module } from '@nestjs/common';
import { TWO_PHASE_PATTERNS } from '@txmsg/contracts';
import { PasswordsModule } from '../passwords/passwords.module.js';
import { AccountService } from './account.service.js';
import { AccountsController } from './accounts.controller.js';
import { newAccountsController } from './new-accounts.controller.js';
import { TccAccountAction } from './tcc-account.action.js';

@Module({
  imports: [PasswordsModule],
  controllers: [...TWO_PHASE_PATTERNS.map(newAccountsController), AccountsController],
  providers: [AccountService, TccAccountAction],
})
export class AccountsModule {}
