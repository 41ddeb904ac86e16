import { Injectable, Logger, type Type } from '@nestjs/common';
import { AccountChangeMessage, isSameTransfer, RejectionReason } from '@txmsg/contracts';
import { MessageListener, TxNoConflictError, type DeadLetterReason, type MessageHandler } from 'txmsg';
import type { EntityManager } from 'typeorm';
import { Bank2Settings } from '../bank2-settings.js';
import type { IncomingTransfer, TransferDecision } from './incoming-transfer.js';
import { TransferLedger } from './transfer-ledger.js';
import { TransferResults } from './transfer-results.js';

/** Credits each transfer once, or refuses it for good, and tells the sending bank which. */
@Injectable()
export class AccountChangeListener implements MessageHandler<AccountChangeMessage> {
  private readonly logger = new Logger(AccountChangeListener.name);

  constructor(
    private readonly settings: Bank2Settings,
    private readonly ledger: TransferLedger,
    private readonly results: TransferResults,
  ) {}

  /** Classic senders leave the payee out; the default is part of the contents, so it is filled in before the hash. */
  normalizePayload({ accountChange }: AccountChangeMessage): AccountChangeMessage {
    const { txNo, accountNo, toAccountNo = this.settings.defaultPayeeAccountNo, amount } = accountChange;
    return { accountChange: { txNo, accountNo, toAccountNo, amount } };
  }

  /** @throws TxNoConflictError when the txNo belongs to a transfer with other contents */
  async onMessage(message: AccountChangeMessage, manager: EntityManager): Promise<void> {
    const transfer = transferOf(message);
    const decision = await this.ledger.decide(transfer, manager);
    if (decision !== undefined) {
      await this.results.publish(transfer, decision, manager);
      if (decision.outcome === 'REJECTED') {
        this.logger.warn('A transfer is refused for good.', { txNo: transfer.txNo, reason: decision.reason });
      }
    } else if (!(await this.repeatResult(transfer, manager))) {
      throw new TxNoConflictError(transfer.txNo, this.settings.consumerGroup);
    }
  }

  /**
   * A transfer that another one's row excludes for ever is refused, so that its payer gets the money back. One that
   * was decided long ago, though the barrier has forgotten, is no dead letter.
   */
  async onDeadLetter(
    message: AccountChangeMessage,
    reason: DeadLetterReason,
    manager: EntityManager,
  ): Promise<'STORE' | 'DROP'> {
    const transfer = transferOf(message);
    if (await this.repeatResult(transfer, manager)) return 'DROP';
    const isExcluded =
      reason === 'TX_NO_CONFLICT' && (await this.ledger.find(transfer.txNo, manager)) !== undefined;
    if (isExcluded) await this.results.publish(transfer, TX_NO_USED_BY_OTHER_CONTENTS, manager);
    return 'STORE';
  }

  /**
   * The same transaction as a refusal: the row first, which excludes it for ever, so that its payer gets the money
   * back. Where there is a row, nothing changes: the stored result of these contents is sent again, and contents that
   * others exclude are told so again.
   */
  async onDismiss(message: AccountChangeMessage, manager: EntityManager): Promise<void> {
    const transfer = transferOf(message);
    const refusal = await this.ledger.refuse(transfer, RejectionReason.DISMISSED, manager);
    if (refusal !== undefined) await this.results.publish(transfer, refusal, manager);
    else if (!(await this.repeatResult(transfer, manager))) {
      await this.results.publish(transfer, TX_NO_USED_BY_OTHER_CONTENTS, manager);
    }
  }

  /** Sends the stored result again, which changes nothing here. False when there is none for these contents. */
  private async repeatResult(transfer: IncomingTransfer, manager: EntityManager): Promise<boolean> {
    const recorded = await this.ledger.find(transfer.txNo, manager);
    if (recorded === undefined || !isSameTransfer(recorded.transfer, transfer)) return false;
    await this.results.publish(transfer, recorded.decision, manager);
    return true;
  }
}

const TX_NO_USED_BY_OTHER_CONTENTS: TransferDecision = {
  outcome: 'REJECTED',
  reason: RejectionReason.TX_NO_CONFLICT,
};

/** `normalizePayload` has filled in the payee. */
function transferOf({ accountChange }: AccountChangeMessage): IncomingTransfer {
  return accountChange as IncomingTransfer;
}

/** The listener for the topic and group of these settings: a decorator's arguments are fixed when a class is made. */
export function accountChangeListener(settings: Bank2Settings): Type<AccountChangeListener> {
  @MessageListener({
    topic: settings.transferTopic,
    consumerGroup: settings.consumerGroup,
    payload: AccountChangeMessage,
    attemptsMax: settings.handlerAttemptsMax,
    txNo: ({ accountChange }: AccountChangeMessage) => accountChange.txNo,
  })
  class ConfiguredAccountChangeListener extends AccountChangeListener {}
  return ConfiguredAccountChangeListener;
}
