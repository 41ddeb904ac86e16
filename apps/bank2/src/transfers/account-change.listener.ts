import { Injectable, Logger } from '@nestjs/common';
import {
  AccountChangeMessage,
  BANK2_CONSUMER_GROUP,
  isSameTransfer,
  RejectionReason,
  TRANSFER_TOPIC,
} from '@txmsg/contracts';
import {
  MessageListener,
  TxNoConflictError,
  type BatchMessageHandler,
  type DeadLetterReason,
  type MessageItem,
} from 'txmsg';
import type { EntityManager } from 'typeorm';
import { Bank2Settings } from '../bank2-settings.js';
import type { IncomingTransfer, TransferDecision } from './incoming-transfer.js';
import { TransferLedger, type RecordedTransfer } from './transfer-ledger.js';
import { TransferResults } from './transfer-results.js';

/** Credits each transfer once, or refuses it for good, and tells the sending bank which. */
@Injectable()
@MessageListener({
  topic: TRANSFER_TOPIC,
  consumerGroup: BANK2_CONSUMER_GROUP,
  payload: AccountChangeMessage,
  txNo: ({ accountChange }: AccountChangeMessage) => accountChange.txNo,
})
export class AccountChangeListener implements BatchMessageHandler<AccountChangeMessage> {
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

  /**
   * A txNo that has a row makes all of a batch fail; then each message is handled alone.
   * @throws TxNoConflictError when the txNo of a message alone belongs to a transfer with other contents
   */
  async onMessages(
    items: readonly MessageItem<AccountChangeMessage>[],
    manager: EntityManager,
  ): Promise<void> {
    const transfers = items.map(({ payload }) => transferOf(payload));
    const [alone] = transfers;
    if (alone !== undefined && transfers.length === 1) return this.handleOne(alone, manager);
    const decisions = await this.ledger.decideAll(transfers, manager);
    await this.announce(
      transfers.flatMap((transfer, index) => {
        const decision = decisions[index];
        return decision === undefined ? [] : [{ transfer, decision }];
      }),
      manager,
    );
  }

  private async handleOne(transfer: IncomingTransfer, manager: EntityManager): Promise<void> {
    const decision = await this.ledger.decide(transfer, manager);
    if (decision !== undefined) await this.announce([{ transfer, decision }], manager);
    else if (!(await this.repeatResult(transfer, manager))) {
      throw new TxNoConflictError(transfer.txNo, this.settings.consumerGroup);
    }
  }

  private async announce(decided: readonly RecordedTransfer[], manager: EntityManager): Promise<void> {
    await this.results.publishAll(decided, manager);
    for (const { transfer, decision } of decided) {
      if (decision.outcome === 'CREDITED') continue;
      this.logger.warn('A transfer is refused for good.', { txNo: transfer.txNo, reason: decision.reason });
    }
  }

  /**
   * A transfer whose txNo the row of another one holds can never be credited: it is refused, so that its payer gets the
   * money back. One whose own row is there was decided before its barrier row was deleted: that is no dead letter, and
   * the stored result is sent again.
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
   * As a refusal: the row, so that the transfer can never be credited, and the result, so that its payer gets the money
   * back. When the txNo has a row already, nothing changes: its result is sent again if it has these contents, and a
   * refusal because of other contents if it has not.
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
