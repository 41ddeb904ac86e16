import { Injectable } from '@nestjs/common';
import { RESULT_TOPIC, type TransferResultMessage } from '@txmsg/contracts';
import { LocalMessageOutbox } from 'txmsg';
import type { EntityManager } from 'typeorm';
import type { IncomingTransfer, TransferDecision } from './incoming-transfer.js';

/** Tells the sending bank the decision about a transfer, if and only if the caller's transaction commits. */
@Injectable()
export class TransferResults {
  constructor(private readonly outbox: LocalMessageOutbox) {}

  async publish(
    { txNo, accountNo, toAccountNo, amount }: IncomingTransfer,
    { outcome, reason }: TransferDecision,
    manager: EntityManager,
  ): Promise<void> {
    const message: TransferResultMessage = {
      transferResult: { txNo, accountNo, toAccountNo, amount, outcome, reason },
    };
    await this.outbox.publish(manager, RESULT_TOPIC, message, { txNo });
  }
}
