import { Injectable } from '@nestjs/common';
import type { TransferResultMessage } from '@txmsg/contracts';
import { LocalMessageOutbox } from 'txmsg';
import type { EntityManager } from 'typeorm';
import { Bank2Settings } from '../bank2-settings.js';
import type { IncomingTransfer, TransferDecision } from './incoming-transfer.js';
import type { RecordedTransfer } from './transfer-ledger.js';

/** Tells the sending bank what became of a transfer, if and only if the caller's transaction commits. */
@Injectable()
export class TransferResults {
  constructor(
    private readonly outbox: LocalMessageOutbox,
    private readonly settings: Bank2Settings,
  ) {}

  async publish(
    transfer: IncomingTransfer,
    decision: TransferDecision,
    manager: EntityManager,
  ): Promise<void> {
    await this.publishAll([{ transfer, decision }], manager);
  }

  async publishAll(decided: readonly RecordedTransfer[], manager: EntityManager): Promise<void> {
    const messages = decided.map(({ transfer, decision }) => ({
      txNo: transfer.txNo,
      payload: messageOf(transfer, decision),
    }));
    await this.outbox.publishAll(manager, this.settings.resultTopic, messages);
  }
}

function messageOf(
  { txNo, accountNo, toAccountNo, amount }: IncomingTransfer,
  { outcome, reason }: TransferDecision,
): TransferResultMessage {
  return { transferResult: { txNo, accountNo, toAccountNo, amount, outcome, reason } };
}
