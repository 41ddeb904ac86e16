import { Injectable, Logger } from '@nestjs/common';
import {
  BANK1_RESULT_CONSUMER_GROUP,
  RESULT_TOPIC,
  TransferResultMessage,
  type TransferResultEvent,
} from '@txmsg/contracts';
import {
  ignore,
  MessageListener,
  type BatchMessageHandler,
  type DeadLetterReason,
  type Ignored,
  type MessageItem,
} from 'txmsg';
import type { EntityManager } from 'typeorm';
import {
  OutgoingTransferLedger,
  type ResultEffect,
  type TransferResult,
} from './outgoing-transfer.ledger.js';

/** Ends transfers as the receiving bank reports them. */
@Injectable()
@MessageListener({
  topic: RESULT_TOPIC,
  consumerGroup: BANK1_RESULT_CONSUMER_GROUP,
  payload: TransferResultMessage,
  txNo: ({ transferResult }: TransferResultMessage) => transferResult.txNo,
  // The caller was answered long ago: results that come together cost less.
  gatherMs: 50,
})
export class TransferResultListener implements BatchMessageHandler<TransferResultMessage> {
  private readonly logger = new Logger(TransferResultListener.name);

  constructor(private readonly ledger: OutgoingTransferLedger) {}

  /** An absent reason and a null one are the same contents. */
  normalizePayload({ transferResult }: TransferResultMessage): TransferResultMessage {
    return { transferResult: resultOf(transferResult) };
  }

  /**
   * A result that is not about a transfer of ours is ignored, which takes its barrier row back: the row would make the
   * genuine result under the same txNo a duplicate or a conflict.
   */
  async onMessages(
    items: readonly MessageItem<TransferResultMessage>[],
    manager: EntityManager,
  ): Promise<(Ignored | undefined)[]> {
    const results = items.map(({ payload }) => resultOf(payload.transferResult));
    const effects = await this.ledger.applyAll(results, manager);
    return results.map((result, index) => this.answerTo(result, effects[index] ?? 'UNKNOWN_TX_NO'));
  }

  private answerTo({ txNo, outcome, reason }: TransferResult, effect: ResultEffect): Ignored | undefined {
    switch (effect) {
      case 'APPLIED':
      case 'UNCHANGED':
        this.logger[outcome === 'CREDITED' ? 'debug' : 'log'](`A result arrived: ${effect}.`, {
          txNo,
          outcome,
          reason,
        });
        return undefined;
      case 'UNKNOWN_TX_NO':
      case 'OTHER_CONTENTS':
        return ignore(effect);
    }
  }

  /** Another result under the same txNo. One about our own transfer contradicts the first, so an operator must decide. */
  async onDeadLetter(
    { transferResult }: TransferResultMessage,
    _reason: DeadLetterReason,
    manager: EntityManager,
  ): Promise<'STORE' | 'DROP'> {
    return (await this.ledger.concerns(resultOf(transferResult), manager)) ? 'STORE' : 'DROP';
  }

  /**
   * Only bank2 knows whether it credited the transfer, so a dismissed result ends nothing: reconciliation asks bank2 in
   * its next round, and the same result is handled if it is delivered again.
   */
  async onDismiss({ transferResult }: TransferResultMessage, manager: EntityManager): Promise<Ignored> {
    await this.ledger.makeDue(transferResult.txNo, manager);
    return ignore('bank2 is asked instead');
  }
}

function resultOf({
  txNo,
  accountNo,
  toAccountNo,
  amount,
  outcome,
  reason,
}: TransferResultEvent): TransferResult {
  return { txNo, accountNo, toAccountNo, amount, outcome, reason: reason ?? null };
}
