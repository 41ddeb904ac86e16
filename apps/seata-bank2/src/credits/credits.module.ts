import { Module } from '@nestjs/common';
import { CreditService } from './credit.service.js';
import { PATTERNS } from './credit.js';
import { CreditsController } from './credits.controller.js';
import { newCreditsController } from './new-credits.controller.js';
import { TccCreditAction } from './tcc-credit.action.js';

@Module({
  controllers: [...PATTERNS.map(newCreditsController), CreditsController],
  providers: [CreditService, TccCreditAction],
})
export class CreditsModule {}
