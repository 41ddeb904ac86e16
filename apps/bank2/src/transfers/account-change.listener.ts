import { Injectable, Logger, type Type } from '@nestjs/common';
import { credit, isDuplicateKey } from '@txmsg/bank';
import { AccountChangeMessage, type RejectionReason } from '@txmsg/contracts';
import { MessageListener, TxNoConflictError, type MessageHandler } from 'txmsg';
import type { EntityManager } from 'typeorm';
import { Bank2Settings } from '../bank2-settings.js';
import { IncomingTransferEntity } from './incoming-transfer.entity.js';

interface Transfer {
  readonly txNo: string;
  readonly accountNo: string;
  readonly toAccountNo: string;
  readonly amount: string;
}

/**
 * Credits a transfer, or refuses it for good. Its row comes first and the account second: that is the lock order
 * of every transaction here, and the row, which is kept for ever, stops a transfer whose barrier row was purged.
 */
@Injectable()
export class AccountChangeListener implements MessageHandler<AccountChangeMessage> {
  private readonly logger = new Logger(AccountChangeListener.name);

  constructor(private readonly settings: Bank2Settings) {}

  /** Classic senders leave the payee out; the default is part of the contents, so it is filled in before the hash. */
  normalizePayload({ accountChange }: AccountChangeMessage): AccountChangeMessage {
    const { txNo, accountNo, toAccountNo = this.settings.defaultPayeeAccountNo, amount } = accountChange;
    return { accountChange: { txNo, accountNo, toAccountNo, amount } };
  }

  /** @throws TxNoConflictError when the txNo belongs to a transfer with other contents */
  async onMessage({ accountChange }: AccountChangeMessage, manager: EntityManager): Promise<void> {
    // normalizePayload has filled in the payee.
    const transfer = accountChange as Transfer;
    if (!(await this.insertTransfer(transfer, manager))) {
      await this.assertSameContents(transfer, manager);
      return;
    }
    const credited = await credit(manager, transfer.toAccountNo, transfer.amount);
    if (credited !== 'DONE') await this.reject(transfer, credited, manager);
  }

  /** False when a transfer has this txNo. */
  private async insertTransfer(transfer: Transfer, manager: EntityManager): Promise<boolean> {
    const { txNo, accountNo, toAccountNo, amount } = transfer;
    try {
      await manager.query(
        `INSERT INTO incoming_transfer (tx_no, account_no, to_account_no, amount, state)
         VALUES (?, ?, ?, CAST(? AS DECIMAL(19,2)), 'CREDITED')`,
        [txNo, accountNo, toAccountNo, amount],
      );
      return true;
    } catch (error) {
      if (isDuplicateKey(error)) return false;
      throw error;
    }
  }

  private async assertSameContents(transfer: Transfer, manager: EntityManager): Promise<void> {
    const first = await manager.findOneByOrFail(IncomingTransferEntity, { txNo: transfer.txNo });
    const isSame =
      first.accountNo === transfer.accountNo &&
      first.toAccountNo === transfer.toAccountNo &&
      first.amount === transfer.amount;
    if (!isSame) throw new TxNoConflictError(transfer.txNo, this.settings.consumerGroup);
  }

  private async reject({ txNo }: Transfer, reason: RejectionReason, manager: EntityManager): Promise<void> {
    await manager.query(`UPDATE incoming_transfer SET state = 'REJECTED', reason = ? WHERE tx_no = ?`, [
      reason,
      txNo,
    ]);
    this.logger.warn('A transfer is refused for good.', { txNo, reason });
  }
}

/** The listener for the topic and group of these settings: a decorator's arguments are fixed when a class is made. */
export function accountChangeListener(settings: Bank2Settings): Type<AccountChangeListener> {
  @MessageListener({
    topic: settings.transferTopic,
    consumerGroup: settings.consumerGroup,
    payload: AccountChangeMessage,
    txNo: ({ accountChange }: AccountChangeMessage) => accountChange.txNo,
  })
  class ConfiguredAccountChangeListener extends AccountChangeListener {}
  return ConfiguredAccountChangeListener;
}
