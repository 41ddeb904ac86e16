import { Logger } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { BarrierCollisionError, type AttemptOutcomes } from '../barrier/index.js';
import type { MeasuredHalfMessage, MeasuredTransactionalProducer } from '../broker/index.js';
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
import type { ProducerTelemetry, TracedOutcome } from '../telemetry/index.js';
import type { Attempt, AttemptResult, StoredAttempt } from './attempt.js';
import type { ResolutionSender } from './resolution.sender.js';
import { toHalfMessage } from './half-message.js';
import { commit, rollback, type LocalTransactionOutcome } from './local-transaction.js';
import type { LocalTransactionExecutor } from './local-transaction.executor.js';
import type { LocalTransactionBatcher, OutlivedCaller } from './local-transaction.batcher.js';
import { executedAlone, type RegisteredTransactionListener } from './transaction-listener.registry.js';
import type { RunningAttempts } from './running-attempts.js';
import type { TransactionSendResult } from './transaction-send-result.js';

export interface TransactionalTopicParts {
  readonly listener: RegisteredTransactionListener;
  readonly databaseId: string;
  readonly producer: MeasuredTransactionalProducer;
  readonly batcher: LocalTransactionBatcher;
  readonly executor: LocalTransactionExecutor;
  readonly outcomes: AttemptOutcomes;
  readonly resolutionSender: ResolutionSender;
  readonly running: RunningAttempts;
  readonly faults: FaultInjector;
  readonly telemetry: ProducerTelemetry;
}

/**
 * Decides, inside the local transaction of a message that is sent again, whether it may go out: true commits, false
 * rolls back. It must update, and so lock, the row that it decides by, so that no other transaction changes it meanwhile.
 */
export type ResendGuard = (entityManager: EntityManager) => Promise<boolean>;

/** The same listener, with `guard` in place of its local transaction. */
function guardedBy(
  guard: ResendGuard,
  listener: RegisteredTransactionListener,
): RegisteredTransactionListener {
  const executeLocalTransaction = async (
    _payload: unknown,
    _arg: unknown,
    entityManager: EntityManager,
  ): Promise<LocalTransactionOutcome> =>
    (await guard(entityManager)) ? commit(undefined) : rollback(undefined);
  return { ...listener, handlers: executedAlone({ executeLocalTransaction }) };
}

function nameOf(result: AttemptResult): string {
  return result.state === 'DECIDED' ? result.outcome.outcome : result.state;
}

/** An attempt that did nothing is rolled back, whatever became of others with its txNo. */
function outcomeOf(result: AttemptResult): TracedOutcome {
  if (result.state === 'DECIDED') return result.outcome.outcome;
  return result.state === 'UNKNOWN' ? 'UNKNOWN' : 'ROLLBACK';
}

/** Sends the messages of one transactional topic: half message, local transaction, resolution (docs/ARCHITECTURE.md, 3.1). */
export class TransactionalTopic {
  private readonly logger = new Logger(TransactionalTopic.name);

  constructor(private readonly parts: TransactionalTopicParts) {
    parts.telemetry.expectSends();
  }

  get scope(): string {
    return this.parts.listener.scope;
  }

  send(attempt: Attempt, deadline: Deadline): Promise<TransactionSendResult> {
    const { telemetry, batcher } = this.parts;
    return telemetry.countAnswer(() =>
      this.runAttempt(attempt, deadline, (stored) => batcher.run(stored, deadline)),
    );
  }

  /** Calls `guard` in place of the listener; never in a batch, because a guard decides about one txNo. */
  resend(attempt: Attempt, guard: ResendGuard, deadline: Deadline): Promise<TransactionSendResult> {
    const { executor, listener } = this.parts;
    const guarded = guardedBy(guard, listener);
    return this.runAttempt(attempt, deadline, (stored) => executor.runOne(guarded, stored, deadline));
  }

  private runAttempt(
    attempt: Attempt,
    deadline: Deadline,
    localTransaction: (attempt: StoredAttempt) => Promise<AttemptResult | OutlivedCaller>,
  ): Promise<TransactionSendResult> {
    return this.parts.running.whileRunning(attempt.attempt, async () => {
      const halfMessage = await this.sendHalfMessage(attempt, deadline);
      if (halfMessage instanceof Error) return this.withoutHalfMessage(attempt, halfMessage, deadline);
      const running = this.parts.telemetry.localTransaction(halfMessage.sent, {
        messageId: halfMessage.messageId,
        keys: [attempt.txNo],
      });
      const conclude = (result: AttemptResult): void => {
        running.end(outcomeOf(result), result.state === 'FAILED' ? result.error : undefined);
        this.conclude(halfMessage, result, attempt);
      };
      const result = await localTransaction({ ...attempt, work: running.work });
      if (result.state === 'OUTLIVED_CALLER') {
        void this.parts.running.whileRunning(attempt.attempt, async () => {
          conclude(await result.later);
        });
        return { state: 'UNKNOWN', txNo: attempt.txNo };
      }
      conclude(result);
      return this.toResult(attempt.txNo, result);
    });
  }

  private conclude(halfMessage: MeasuredHalfMessage, result: AttemptResult, attempt: Attempt): void {
    this.logger.debug({ message: `local transaction ended: ${nameOf(result)}`, txNo: attempt.txNo });
    this.sendResolution(halfMessage, result, attempt);
  }

  /** An Error means that storing it was not confirmed, so the local transaction must not begin. */
  private async sendHalfMessage(attempt: Attempt, deadline: Deadline): Promise<MeasuredHalfMessage | Error> {
    const brokerMs = Math.ceil((deadline.remainingMs() * 2) / 3);
    // Longer than the broker's own deadline, and short enough that the caller is answered in time if that one is missed.
    const limitMs = Math.ceil((deadline.remainingMs() * 5) / 6);
    const late = (): Error => new Error(`the half message was not stored within ${limitMs} ms`);
    try {
      return await withDeadline(this.storeHalfMessage(attempt, brokerMs), limitMs, late);
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  }

  private async storeHalfMessage(attempt: Attempt, timeoutMs: number): Promise<MeasuredHalfMessage> {
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
   * This call did nothing, but an earlier call with the same txNo may have committed: a caller that repeats it to learn the
   * outcome must not be told that nothing was done.
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
    this.parts.telemetry.duplicate();
    return { state: 'COMMITTED', txNo, duplicate: true };
  }

  /** Each half message gets one resolution, and none while the outcome in the database is unknown. */
  private sendResolution(halfMessage: MeasuredHalfMessage, result: AttemptResult, attempt: Attempt): void {
    switch (result.state) {
      case 'UNKNOWN':
        return;
      case 'DECIDED':
        this.parts.resolutionSender.send(halfMessage, result.outcome.outcome, attempt);
        return;
      case 'DUPLICATE':
      case 'FAILED':
      case 'OVERTAKEN':
        this.parts.resolutionSender.send(halfMessage, 'ROLLBACK', attempt);
    }
  }

  private toResult(txNo: string, result: AttemptResult): TransactionSendResult {
    switch (result.state) {
      case 'OVERTAKEN':
      case 'UNKNOWN':
        return { state: 'UNKNOWN', txNo };
      case 'DUPLICATE':
        this.parts.telemetry.duplicate();
        return { state: 'COMMITTED', txNo, duplicate: true };
      case 'FAILED':
        throw this.toCallerError(txNo, result.error);
      case 'DECIDED':
        if (result.outcome.outcome === 'ROLLBACK')
          return { state: 'ROLLED_BACK', txNo, refusal: result.outcome.refusal };
        return { state: 'COMMITTED', txNo, duplicate: false, result: result.outcome.result };
    }
  }

  /** Failures of the database become LocalTransactionFailedError; the listener's own errors are rethrown as they are. */
  private toCallerError(txNo: string, error: unknown): unknown {
    const isDatabaseFailure =
      isDatabaseTrouble(error) ||
      error instanceof BarrierCollisionError ||
      error instanceof DatabaseUnavailableError ||
      error instanceof TransactionDeadlineError ||
      error instanceof CommitOutcomeUnknownError;
    return isDatabaseFailure
      ? new LocalTransactionFailedError(this.parts.listener.topic, txNo, { cause: error })
      : error;
  }
}
