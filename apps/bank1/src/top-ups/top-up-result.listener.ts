import { Injectable, Logger } from '@nestjs/common';
import { BANK1_TOP_UP_CONSUMER_GROUP, isSameTopUp, NOTIFY_TOPIC, TopUpResultMessage } from '@txmsg/contracts';
import {
  ignore,
  MessageListener,
  TxNoConflictError,
  type DeadLetterReason,
  type Ignored,
  type MessageHandler,
} from 'txmsg';
import type { EntityManager } from 'typeorm';
import type { PaymentEnd, TopUp } from './top-up.js';
import { TopUpLedger } from './top-up.ledger.js';

/** Credits top-ups as pay's messages tell of them. */
@Injectable()
@MessageListener({
  topic: NOTIFY_TOPIC,
  consumerGroup: BANK1_TOP_UP_CONSUMER_GROUP,
  payload: TopUpResultMessage,
  txNo: ({ id }: TopUpResultMessage) => id,
  // Several in one transaction would lock account, row, account: against the order in which an answer of pay locks them.
  batching: false,
})
export class TopUpResultListener implements MessageHandler<TopUpResultMessage> {
  private readonly logger = new Logger(TopUpResultListener.name);

  constructor(private readonly ledger: TopUpLedger) {}

  /**
   * What is not about us is ignored, which takes barrier row and top-up back: they would stand in the way of the genuine
   * message under the same txNo.
   * @throws TxNoConflictError when the message contradicts the row; it becomes a dead letter
   */
  async onMessage(message: TopUpResultMessage, manager: EntityManager): Promise<Ignored | undefined> {
    const end = endOf(message);
    const { txNo } = end;
    const { effect, reason } = await this.ledger.apply(end, 'MESSAGE', manager);
    switch (effect) {
      case 'CREDITED':
      case 'FAILED':
      case 'REFUSED':
      case 'UNCHANGED':
        this.logger.log(`A payment has ended: ${effect}.`, { txNo, reason });
        return undefined;
      case 'CONTRADICTED':
        throw new TxNoConflictError(txNo, BANK1_TOP_UP_CONSUMER_GROUP);
      case 'NOT_OURS':
        return ignore(reason ?? effect);
    }
  }

  /** What the row says already needs nobody. A contradiction is noted for the audit, and an operator must decide. */
  async onDeadLetter(
    message: TopUpResultMessage,
    reason: DeadLetterReason,
    manager: EntityManager,
  ): Promise<'STORE' | 'DROP'> {
    const end = endOf(message);
    const topUp = await this.ledger.lock(end.txNo, manager);
    if (topUp === undefined) return end.result === 'success' ? 'STORE' : 'DROP';
    if (isKnown(topUp, end)) return 'DROP';
    const isContradiction = reason === 'TX_NO_CONFLICT' || !isSameTopUp(topUp, end);
    if (isContradiction) await this.ledger.contradict(end, 'MESSAGE', manager);
    else await this.ledger.makeDue(end.txNo, manager);
    return 'STORE';
  }

  /** Only pay knows whether it was paid, so a dismissed message ends nothing: pay is asked, if it was told to us where it is. */
  async onDismiss({ id }: TopUpResultMessage, manager: EntityManager): Promise<Ignored> {
    await this.ledger.makeDue(id, manager);
    return ignore('pay is asked instead');
  }
}

function endOf({ id, accountNo, payAmount, result }: TopUpResultMessage): PaymentEnd {
  return { txNo: id, accountNo, amount: payAmount, result };
}

function isKnown(topUp: TopUp, end: PaymentEnd): boolean {
  return isSameTopUp(topUp, end) && topUp.state === (end.result === 'success' ? 'CREDITED' : 'FAILED');
}
