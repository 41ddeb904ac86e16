import { Module } from '@nestjs/common';
import { TWO_PHASE_PATTERNS } from '@txmsg/contracts';
import { CreditService } from './credit.service.js';
import { CreditsController } from './credits.controller.js';
import { newCreditsController } from './new-credits.controller.js';
import { TccCreditAction } from './tcc-credit.action.js';

@Module({
  controllers: [...TWO_PHASE_PATTERNS.map(newCreditsController), CreditsController],
  providers: [CreditService, TccCreditAction],
})
export class CreditsModule {}
