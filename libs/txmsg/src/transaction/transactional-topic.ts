import { Logger } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { BarrierCollisionError, type AttemptOutcomes } from '../barrier/index.js';
import type { HalfMessage, TransactionalProducer } from '../broker/index.js';
import { isDatabaseTrouble } from '../database/index.js';
import { withDeadline, type Deadline } from '../deadline/index.js';
import {
  CommitOutcomeUnknownError,
  DatabaseUnavailableError,
  HalfMessageNotSentError,
  LocalTransactionFailedError,
  TransactionDeadlineError,
  TxNoConflictError,
} from '../errors/index.js';
import type { FaultInjector } from '../faults/index.js';
import type { Attempt, AttemptEnd } from './attempt.js';
import type { ResolutionSender } from './resolution.sender.js';
import { toHalfMessage } from './half-message.js';
import { commit, rollback } from './local-transaction.js';
import type { LocalTransactionExecutor } from './local-transaction.executor.js';
import type { LocalTransactionBatcher, OutlivedCaller } from './local-transaction.batcher.js';
import type { RegisteredTransactionListener } from './transaction-listener.registry.js';
import type { RunningAttempts } from './running-attempts.js';
import type { TransactionSendResult } from './transaction-send-result.js';

export interface TransactionalTopicParts {
  readonly listener: RegisteredTransactionListener;
  readonly databaseId: string;
  readonly producer: TransactionalProducer;
  readonly batcher: LocalTransactionBatcher;
  readonly executor: LocalTransactionExecutor;
  readonly outcomes: AttemptOutcomes;
  readonly resolutionSender: ResolutionSender;
  readonly running: RunningAttempts;
  readonly faults: FaultInjector;
}

/**
 * Decides, inside the local transaction of a message that is sent again, whether it may go out: true commits, false
 * rolls back. It must change and lock the row that it looks at, so that nothing can end the transfer meanwhile.
 */
export type ResendGuard = (entityManager: EntityManager) => Promise<boolean>;

function guardOf(guard: ResendGuard): RegisteredTransactionListener['execute'] {
  return async (_items, entityManager) => [
    (await guard(entityManager)) ? commit(undefined) : rollback(undefined),
  ];
}

function nameOf(end: AttemptEnd): string {
  return end.end === 'DECIDED' ? end.outcome.outcome : end.end;
}

/** One transactional topic at work: half message, local transaction, outcome (DESIGN 3.1). */
export class TransactionalTopic {
  private readonly logger = new Logger(TransactionalTopic.name);

  constructor(private readonly parts: TransactionalTopicParts) {}

  get scope(): string {
    return this.parts.listener.scope;
  }

  send(attempt: Attempt, deadline: Deadline): Promise<TransactionSendResult> {
    return this.runAttempt(attempt, deadline, () => this.parts.batcher.run(attempt, deadline));
  }

  /** With `guard` in place of the listener, and alone: a guard says nothing about other txNos. */
  resend(attempt: Attempt, guard: ResendGuard, deadline: Deadline): Promise<TransactionSendResult> {
    const { executor, listener } = this.parts;
    const guarded = { ...listener, execute: guardOf(guard) };
    return this.runAttempt(attempt, deadline, () => executor.runOne(guarded, attempt, deadline));
  }

  private runAttempt(
    attempt: Attempt,
    deadline: Deadline,
    localTransaction: () => Promise<AttemptEnd | OutlivedCaller>,
  ): Promise<TransactionSendResult> {
    return this.parts.running.whileRunning(attempt.attempt, async () => {
      const halfMessage = await this.sendHalfMessage(attempt, deadline);
      if (halfMessage instanceof Error) return this.withoutHalfMessage(attempt, halfMessage, deadline);
      const end = await localTransaction();
      if (end.end === 'OUTLIVED_CALLER') {
        void this.parts.running.whileRunning(attempt.attempt, async () => {
          this.conclude(halfMessage, await end.later, attempt);
        });
        return { state: 'UNKNOWN', txNo: attempt.txNo };
      }
      this.conclude(halfMessage, end, attempt);
      return this.toResult(attempt.txNo, end);
    });
  }

  private conclude(halfMessage: HalfMessage, end: AttemptEnd, attempt: Attempt): void {
    this.logger.debug({ message: `local transaction ended: ${nameOf(end)}`, txNo: attempt.txNo });
    this.sendResolution(halfMessage, end, attempt);
  }

  /** An Error as the answer says: not for certain stored, so the local transaction must not begin. */
  private async sendHalfMessage(attempt: Attempt, deadline: Deadline): Promise<HalfMessage | Error> {
    const brokerMs = Math.ceil((deadline.remainingMs() * 2) / 3);
    // A little more than the broker's own: whatever else holds it up, the caller is to be answered in time.
    const limitMs = Math.ceil((deadline.remainingMs() * 5) / 6);
    const late = (): Error => new Error(`the half message was not stored within ${limitMs} ms`);
    try {
      return await withDeadline(this.storeHalfMessage(attempt, brokerMs), limitMs, late);
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  }

  private async storeHalfMessage(attempt: Attempt, timeoutMs: number): Promise<HalfMessage> {
    const { databaseId, producer, faults, listener } = this.parts;
    const { txNo } = attempt;
    const origin = { ...attempt, databaseId, sentAtMs: Date.now() };
    await faults.at('half-message.before-send', { txNo });
    const message = toHalfMessage(listener.topic, attempt.body, origin);
    const halfMessage = await producer.sendHalfMessage(message, timeoutMs);
    this.logger.debug({ message: 'half message sent', txNo, messageId: halfMessage.messageId });
    await faults.at('half-message.sent', { txNo });
    return halfMessage;
  }

  /**
   * This call did nothing. But an earlier one with the same txNo may have, and a caller who repeats it to learn
   * its outcome must not hear "nothing was done".
   */
  private async withoutHalfMessage(
    { txNo, scope, contentsHash }: Attempt,
    cause: Error,
    deadline: Deadline,
  ): Promise<TransactionSendResult> {
    if (contentsHash === undefined)
      throw new HalfMessageNotSentError(this.parts.listener.topic, txNo, { cause });
    const done = await this.parts.outcomes.findDone(txNo, scope, deadline).catch(() => 'ABSENT' as const);
    if (done === 'UNKNOWN') return { state: 'UNKNOWN', txNo };
    if (done === 'ABSENT') throw new HalfMessageNotSentError(this.parts.listener.topic, txNo, { cause });
    if (!done.equals(contentsHash)) throw new TxNoConflictError(txNo, scope);
    return { state: 'COMMITTED', txNo, duplicate: true };
  }

  /** Exactly one outcome for each half message, and none while the database's outcome is not known. */
  private sendResolution(halfMessage: HalfMessage, end: AttemptEnd, attempt: Attempt): void {
    switch (end.end) {
      case 'UNKNOWN':
        return;
      case 'DECIDED':
        this.parts.resolutionSender.send(halfMessage, end.outcome.outcome, attempt);
        return;
      case 'DUPLICATE':
      case 'FAILED':
      case 'OVERTAKEN':
        this.parts.resolutionSender.send(halfMessage, 'ROLLBACK', attempt);
    }
  }

  private toResult(txNo: string, end: AttemptEnd): TransactionSendResult {
    switch (end.end) {
      case 'OVERTAKEN':
      case 'UNKNOWN':
        return { state: 'UNKNOWN', txNo };
      case 'DUPLICATE':
        return { state: 'COMMITTED', txNo, duplicate: true };
      case 'FAILED':
        throw this.toCallerError(txNo, end.error);
      case 'DECIDED':
        if (end.outcome.outcome === 'ROLLBACK')
          return { state: 'ROLLED_BACK', txNo, refusal: end.outcome.refusal };
        return { state: 'COMMITTED', txNo, duplicate: false, result: end.outcome.result };
    }
  }

  /** Troubles of the database get a type that says "rolled back"; the listener's own errors stay as they are. */
  private toCallerError(txNo: string, error: unknown): unknown {
    const isTrouble =
      isDatabaseTrouble(error) ||
      error instanceof BarrierCollisionError ||
      error instanceof DatabaseUnavailableError ||
      error instanceof TransactionDeadlineError ||
      error instanceof CommitOutcomeUnknownError;
    return isTrouble
      ? new LocalTransactionFailedError(this.parts.listener.topic, txNo, { cause: error })
      : error;
  }
}
