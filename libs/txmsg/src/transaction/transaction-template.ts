import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Contents } from '../barrier/index.js';
import { Deadline } from '../deadline/index.js';
import { InvalidArgumentError } from '../errors/index.js';
import { encodePayload, type MessageLimits } from '../limits/index.js';
import type { Attempt } from './attempt.js';
import type { ResendGuard, TransactionalTopic } from './transactional-topic.js';
import type { TransactionalTopics } from './transactional-topics.js';
import type { TransactionSendResult } from './transaction-send-result.js';

export interface SendInTransactionOptions {
  /**
   * Names this transaction for ever: 1 to 64 characters of A-Z a-z 0-9 . _ : - and unique within the producer
   * group. Whoever repeats a call with the same txNo and payload never does it twice.
   */
  readonly txNo: string;
  /**
   * Passed to the listener, not sent. Not part of the contents by which repeated calls are compared. Every try of the
   * listener gets this same object: it must not be changed.
   */
  readonly arg?: unknown;
}

const TX_NO_RULE = /^[A-Za-z0-9._:-]{1,64}$/;

/**
 * Sends a message together with a local database transaction: both take effect, or neither does.
 *
 * Guaranteed: the message is delivered if and only if the local transaction committed, whichever process dies
 * at whatever moment. Delivery is at least once; the consumer's barrier makes its effect happen once.
 *
 * Not guaranteed: when it is delivered (a crash costs check-back intervals), its order, and that a half message
 * survives the broker's loss of its store or its last check-back.
 *
 * It never joins a transaction of the caller: the local transaction is the listener's.
 *
 * @example
 * const sent = await template.sendMessageInTransaction('orders', { orderNo, amount }, { txNo: orderNo });
 * // UNKNOWN is not a failure: repeat the call with the SAME txNo. A new txNo could do it twice.
 * if (sent.state === 'UNKNOWN') return retryLater(orderNo);
 */
@Injectable()
export class TransactionTemplate {
  /** @internal Made by the module; inject it. */
  constructor(
    private readonly topics: TransactionalTopics,
    private readonly sendTimeoutMs: number,
    private readonly limits: MessageLimits,
  ) {}

  /**
   * @param topic - a topic of type TRANSACTION that has a `@TransactionListener` in this service
   * @param payload - a JSON object; taken as it is at the time of the call, sent, and hashed to recognise a repeated
   *   call. Every try of the listener gets a copy of it.
   * @throws InvalidArgumentError - nothing was sent; ContentsNotJsonError and MessageTooLargeError, which are such, when
   *   JSON cannot hold the payload, or it is larger than consumers read (option `messageLimits`)
   * @throws HalfMessageNotSentError, LocalTransactionFailedError, TransactionFencedError - nothing was done by
   *   this call and nothing will be; the same txNo may be tried again
   * @throws TxNoConflictError - the txNo is taken by other contents; nothing was done
   * @throws whatever the listener threw, after everything was rolled back
   */
  async sendMessageInTransaction<Result = unknown, Refusal = unknown>(
    topic: string,
    payload: object,
    { txNo, arg }: SendInTransactionOptions,
  ): Promise<TransactionSendResult<Result, Refusal>> {
    const { owner, attempt } = this.prepare(topic, payload, txNo, arg);
    const result = await owner.send(
      { ...attempt, contentsHash: attempt.contents.hash },
      Deadline.in(this.sendTimeoutMs),
    );
    return result as TransactionSendResult<Result, Refusal>;
  }

  /**
   * Sends the message of a transaction that committed earlier once more, as a new half message: for
   * reconciliation, when the broker dropped it or lost its store. The listener does not run; `guard` does, in the
   * local transaction. `ROLLED_BACK` means that the guard said no.
   *
   * @throws InvalidArgumentError, ContentsNotJsonError, HalfMessageNotSentError, LocalTransactionFailedError, TransactionFencedError -
   *   nothing was sent by this call; and whatever the guard threw
   */
  async resendMessageInTransaction(
    topic: string,
    payload: object,
    { txNo, guard }: { readonly txNo: string; readonly guard: ResendGuard },
  ): Promise<TransactionSendResult> {
    const { owner, attempt } = this.prepare(topic, payload, txNo, undefined);
    return owner.resend(attempt, guard, Deadline.in(this.sendTimeoutMs));
  }

  private prepare(
    topic: string,
    payload: object,
    txNo: string,
    arg: unknown,
  ): { owner: TransactionalTopic; attempt: Attempt } {
    if (typeof txNo !== 'string' || !TX_NO_RULE.test(txNo)) {
      throw new InvalidArgumentError('txNo', txNo, `it must match ${TX_NO_RULE.source}`);
    }
    const owner = this.topics.get(topic);
    const contents = Contents.of(payload);
    const attempt = {
      txNo,
      scope: owner.scope,
      attempt: randomUUID(),
      contentsHash: undefined,
      contents,
      body: encodePayload(contents, this.limits),
      arg,
    };
    return { owner, attempt };
  }
}
