import { randomUUID } from 'node:crypto';
import { Inject, Injectable, type Type } from '@nestjs/common';
import { Contents } from '../barrier/index.js';
import { Deadline } from '../deadline/index.js';
import { encodePayload, requireTxNo } from '../limits/index.js';
import { TXMSG_SETTINGS, type TxMsgSettings } from '../options/txmsg.options.js';
import type { Attempt } from './attempt.js';
import type { ResendGuard, TransactionalTopic } from './transactional-topic.js';
import { TransactionalTopics } from './transactional-topics.js';
import type { TransactionSendResult } from './transaction-send-result.js';

/** What goes with a call beside topic and payload. */
export interface SendInTransactionOptions {
  /**
   * Identifies this transaction: 1 to 64 characters of A-Z a-z 0-9 . _ : - other than "." and "..", and unique within the
   * producer group. Repeating a call with the same txNo and payload has no further effect, for as long as barrier rows are kept (option
   * `barrierRetentionMs`).
   */
  readonly txNo: string;
  /**
   * Passed to the listener, not sent, and not compared when a call is repeated. Every try of the listener gets this same
   * object, so it must not be changed.
   */
  readonly arg?: unknown;
}

/**
 * Sends a message together with a local database transaction: both take effect, or neither does.
 *
 * Guaranteed: the message is delivered if and only if the local transaction committed, no matter which process crashes, or
 * when. Delivery is at least once; the consumer's barrier makes its effect happen once.
 *
 * Not guaranteed: when the message is delivered (after a crash, one or more check-back intervals later), the order of
 * messages, and that a half message survives when the broker loses its store or gives up checking back.
 *
 * It never joins a transaction of the caller: the local transaction is the listener's. Any number of calls may run at once.
 *
 * @example
 * // In the payload too: a consumer finds the txNo there (option `txNo` of its listener), not in the message's key.
 * const sent = await template.sendMessageInTransaction('payments', { txNo, amount }, { txNo });
 * // UNKNOWN is not a failure: repeat the call with the SAME txNo. A new txNo could do it twice.
 * if (sent.state === 'UNKNOWN') return retryLater(txNo);
 */
@Injectable()
export class TransactionTemplate {
  /** @internal Made by the module; inject it. */
  constructor(
    private readonly topics: TransactionalTopics,
    @Inject(TXMSG_SETTINGS) private readonly settings: Pick<TxMsgSettings, 'sendTimeoutMs' | 'messageLimits'>,
  ) {}

  /**
   * Sends the half message, runs the listener's local transaction, and tells the broker how it ended.
   * @param topic - the topic as the `@TransactionListener` of this service names it, or the class of that listener;
   *   never the name that the option `names.topics` gives it in this deployment
   * @param payload - a JSON object; copied at the time of the call, sent, and hashed to recognise a repeated call. Every
   *   try of the listener gets a copy of its own. It must hold the txNo where its consumers look for it, which is its
   *   property `txNo` unless they say otherwise: without it, it is a dead letter there.
   * @throws InvalidArgumentError - nothing was sent; ContentsNotJsonError and MessageTooLargeError, which are such, when
   *   JSON cannot hold the payload, or it is larger than consumers read (option `messageLimits`)
   * @throws HalfMessageNotSentError, LocalTransactionFailedError, TransactionFencedError - nothing was done by
   *   this call and nothing will be; the same txNo may be tried again
   * @throws TxNoConflictError - the txNo is already used with other contents; nothing was done
   * @throws whatever the listener threw, after everything was rolled back
   */
  async sendMessageInTransaction<Result = unknown, Refusal = unknown>(
    topic: string | Type,
    payload: object,
    { txNo, arg }: SendInTransactionOptions,
  ): Promise<TransactionSendResult<Result, Refusal>> {
    const { owner, attempt } = this.prepare(topic, payload, txNo, arg);
    const result = await owner.send(
      { ...attempt, contentsHash: attempt.contents.hash },
      Deadline.in(this.settings.sendTimeoutMs),
    );
    return result as TransactionSendResult<Result, Refusal>;
  }

  /**
   * Sends the message of a transaction that committed earlier once more, as a new half message: for reconciliation, when the
   * broker discarded it or lost its store. The listener is not called; `guard` is, in the local transaction. `ROLLED_BACK`
   * means that `guard` returned false.
   *
   * Its trace is that of the caller's active span. A service that kept the first call's (`activeTraceparent` of
   * `txmsg/building-blocks`) calls this within `withinTraceparent`.
   *
   * @param topic - as for `sendMessageInTransaction`
   * @throws InvalidArgumentError, ContentsNotJsonError, HalfMessageNotSentError, LocalTransactionFailedError, TransactionFencedError -
   *   nothing was sent by this call; and whatever the guard threw
   */
  async resendMessageInTransaction(
    topic: string | Type,
    payload: object,
    { txNo, guard }: { readonly txNo: string; readonly guard: ResendGuard },
  ): Promise<TransactionSendResult> {
    const { owner, attempt } = this.prepare(topic, payload, txNo, undefined);
    return owner.resend(attempt, guard, Deadline.in(this.settings.sendTimeoutMs));
  }

  private prepare(
    topic: string | Type,
    payload: object,
    txNo: string,
    arg: unknown,
  ): { owner: TransactionalTopic; attempt: Attempt } {
    requireTxNo(txNo);
    const owner = this.topics.get(topic);
    const contents = Contents.of(payload);
    const attempt = {
      txNo,
      scope: owner.scope,
      attempt: randomUUID(),
      contentsHash: undefined,
      contents,
      body: encodePayload(contents, this.settings.messageLimits),
      arg,
    };
    return { owner, attempt };
  }
}
