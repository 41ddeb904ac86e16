import { Injectable } from '@nestjs/common';
import { RESULT_TOPIC, type TransferResultMessage } from '@txmsg/contracts';
import { LocalMessageOutbox } from 'txmsg';
import type { EntityManager } from 'typeorm';
import type { IncomingTransfer, TransferDecision } from './incoming-transfer.js';
import type { RecordedTransfer } from './transfer-ledger.js';

/** Tells the sending bank the decision about a transfer, if and only if the caller's transaction commits. */
@Injectable()
export class TransferResults {
  constructor(private readonly outbox: LocalMessageOutbox) {}

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
    await this.outbox.publishAll(manager, RESULT_TOPIC, messages);
  }
}

function messageOf(
  { txNo, accountNo, toAccountNo, amount }: IncomingTransfer,
  { outcome, reason }: TransferDecision,
): TransferResultMessage {
  return { transferResult: { txNo, accountNo, toAccountNo, amount, outcome, reason } };
}
