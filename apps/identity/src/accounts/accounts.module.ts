import { Module } from '@nestjs/common';
import { PasswordsModule } from '../passwords/passwords.module.js';
import { AccountService } from './account.service.js';
import { PATTERNS } from './account.js';
import { AccountsController } from './accounts.controller.js';
import { newAccountsController } from './new-accounts.controller.js';
import { TccAccountAction } from './tcc-account.action.js';

@Module({
  imports: [PasswordsModule],
  controllers: [...PATTERNS.map(newAccountsController), AccountsController],
  providers: [AccountService, TccAccountAction],
})
export class AccountsModule {}
