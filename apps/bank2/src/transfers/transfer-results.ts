import { Injectable } from '@nestjs/common';
import type { TransferResultMessage } from '@txmsg/contracts';
import { LocalMessageOutbox } from 'txmsg';
import type { EntityManager } from 'typeorm';
import { Bank2Settings } from '../bank2-settings.js';
import type { IncomingTransfer, TransferDecision } from './incoming-transfer.js';

/** Tells the sending bank what became of a transfer, if and only if the caller's transaction commits. */
@Injectable()
export class TransferResults {
  constructor(
    private readonly outbox: LocalMessageOutbox,
    private readonly settings: Bank2Settings,
  ) {}

  async publish(
    { txNo, accountNo, toAccountNo, amount }: IncomingTransfer,
    { outcome, reason }: TransferDecision,
    manager: EntityManager,
  ): Promise<void> {
    const message: TransferResultMessage = {
      transferResult: { txNo, accountNo, toAccountNo, amount, outcome, reason },
    };
    await this.outbox.publish(manager, this.settings.resultTopic, message, { txNo });
  }
}
