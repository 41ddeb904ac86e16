import { Module } from '@nestjs/common';
import { TWO_PHASE_PATTERNS } from '@txmsg/contracts';
import { AtDebit } from './at-debit.js';
import { Bank2Client } from './bank2.client.js';
import { newTransfersController } from './new-transfers.controller.js';
import { OpenTransfersGauge } from './open-transfers.gauge.js';
import { TccDebitAction } from './tcc-debit.action.js';
import { TransferEnds } from './transfer.ends.js';
import { TransferBranches } from './transfer.branches.js';
import { TransferService } from './transfer.service.js';
import { TransfersController } from './transfers.controller.js';

@Module({
  controllers: [...TWO_PHASE_PATTERNS.map(newTransfersController), TransfersController],
  providers: [
    TransferService,
    TransferBranches,
    TccDebitAction,
    AtDebit,
    Bank2Client,
    TransferEnds,
    OpenTransfersGauge,
  ],
})
export class TransfersModule {}
