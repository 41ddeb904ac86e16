import { Injectable, Logger, type Type } from '@nestjs/common';
import { TransferResultMessage, type TransferResultEvent } from '@txmsg/contracts';
import {
  ignore,
  MessageListener,
  type BatchMessageHandler,
  type DeadLetterReason,
  type Ignored,
  type MessageItem,
} from 'txmsg';
import type { EntityManager } from 'typeorm';
import type { Bank1Settings } from '../bank1-settings.js';
import { TransferSettlement, type Settlement, type TransferResult } from './transfer-settlement.js';

/** Ends transfers as the receiving bank reports them. */
@Injectable()
export class TransferResultListener implements BatchMessageHandler<TransferResultMessage> {
  private readonly logger = new Logger(TransferResultListener.name);

  constructor(private readonly settlement: TransferSettlement) {}

  /** An absent reason and a null one are the same contents. */
  normalizePayload({ transferResult }: TransferResultMessage): TransferResultMessage {
    return { transferResult: resultOf(transferResult) };
  }

  /** A result that is not about a transfer of ours must not keep the genuine one out: its barrier row is rolled back. */
  async onMessages(
    items: readonly MessageItem<TransferResultMessage>[],
    manager: EntityManager,
  ): Promise<(Ignored | undefined)[]> {
    const results = items.map(({ payload }) => resultOf(payload.transferResult));
    const settlements = await this.settlement.settleAll(results, manager);
    return results.map((result, index) => this.endingOf(result, settlements[index] ?? 'UNKNOWN_TX_NO'));
  }

  private endingOf({ txNo, outcome, reason }: TransferResult, settlement: Settlement): Ignored | undefined {
    switch (settlement) {
      case 'SETTLED':
      case 'UNCHANGED':
        this.logger.log(`A result arrived: ${settlement}.`, { txNo, outcome, reason });
        return undefined;
      case 'UNKNOWN_TX_NO':
      case 'OTHER_CONTENTS':
        return ignore(settlement);
    }
  }

  /** A second result under a txNo: only one about our own transfer contradicts the first and needs a person. */
  async onDeadLetter(
    { transferResult }: TransferResultMessage,
    _reason: DeadLetterReason,
    manager: EntityManager,
  ): Promise<'STORE' | 'DROP'> {
    return (await this.settlement.concerns(resultOf(transferResult), manager)) ? 'STORE' : 'DROP';
  }

  /**
   * Whether a transfer was credited, bank2 knows, not the operator: a dismissed result ends nothing. It may come again
   * and be handled then, and reconciliation asks bank2 about the transfer in its next round.
   */
  async onDismiss({ transferResult }: TransferResultMessage, manager: EntityManager): Promise<Ignored> {
    await this.settlement.makeDue(transferResult.txNo, manager);
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

/** The listener for the topic and group of these settings: a decorator's arguments are fixed when a class is made. */
export function transferResultListener(settings: Bank1Settings): Type<TransferResultListener> {
  @MessageListener({
    topic: settings.resultTopic,
    consumerGroup: settings.resultConsumerGroup,
    payload: TransferResultMessage,
    attemptsMax: settings.handlerAttemptsMax,
    txNo: ({ transferResult }: TransferResultMessage) => transferResult.txNo,
  })
  class ConfiguredTransferResultListener extends TransferResultListener {}
  return ConfiguredTransferResultListener;
}
