import type { EntityManager } from 'typeorm';
import type { Barrier } from '../barrier/index.js';
import type { GroupConsumption } from '../consumer/consumer.runtime.js';
import { withOnDeadLetterFailure } from '../consumer/dead-letter.port.js';
import { expiryOf, readMessageInTime, type ReadMessage } from '../consumer/message-reader.js';
import { classifyFailure, type DeadLetterReason } from '../consumer/retry-policy.js';
import { isLockConflict, type DatabaseTransactions } from '../database/index.js';
import { Deadline } from '../deadline/index.js';
import { CommitOutcomeUnknownError, PoisonMessageError } from '../errors/index.js';
import type { TxMsgSettings } from '../options/txmsg.options.js';
import {
  claimDeadLetter,
  closeDeadLetter,
  DeadLetterNotClaimed,
  keepDeadLetterOpen,
  type RedriveOptions,
} from './dead-letter.actions.js';
import type { StoredDeadLetter } from './dead-letter.js';
import type { DeadLetterResult } from './dead-letter-result.js';
import { OnDeadLetterCall, type OnDeadLetter } from './on-dead-letter.call.js';

const RECORD_TIMEOUT_MS = 10_000;

/**
 * Handles a dead letter again, through the same barrier and handler as a delivery. Its state changes in the handler's own
 * transaction, so a crash leaves it open with nothing done, or closed with everything done.
 */
export class DeadLetterRedrive {
  constructor(
    private readonly group: GroupConsumption,
    private readonly transactions: DatabaseTransactions,
    private readonly barrier: Barrier,
    private readonly settings: Pick<TxMsgSettings, 'barrierRetentionMs' | 'handlerTimeoutMs'>,
    private readonly letter: StoredDeadLetter,
    private readonly options: RedriveOptions,
  ) {}

  /** @throws DeadLetterNotClaimed, CommitOutcomeUnknownError, and errors of the database */
  async run(): Promise<DeadLetterResult> {
    // The history is never deleted; the barrier row of the earlier re-drive may be.
    if (wasConsumed(this.letter)) return this.close('DUPLICATE');
    const read = await this.read();
    if (read instanceof Error) return this.fail('POISON', read, undefined);
    const { id, message } = this.letter;
    // Another delivery may have been consumed, and its barrier row deleted since.
    const expired = expiryOf(message, this.settings.barrierRetentionMs);
    if (expired !== undefined && this.options.evenIfExpired !== true)
      return this.fail('EXPIRED', expired, read);
    const processing = this.group.telemetry.processAgain(message);
    const result = await this.group.consumption.consumeOne(
      { ...read, processing },
      {
        beforeBarrier: (entityManager) => claimDeadLetter(entityManager, id),
        afterHandler: (entityManager) => this.recordClosed(entityManager, 'DONE'),
      },
    );
    if (result === 'DONE') return { outcome: 'DONE' };
    if (result === 'DUPLICATE') return this.close('DUPLICATE');
    return result instanceof Error ? this.afterFailure(result, read) : this.close('IGNORED');
  }

  /** Read again, because the listener's payload class may have changed since. */
  private async read(): Promise<ReadMessage | PoisonMessageError> {
    try {
      return await readMessageInTime(
        this.letter.message,
        this.group.listener,
        this.settings.handlerTimeoutMs,
      );
    } catch (error) {
      if (error instanceof PoisonMessageError) return error;
      throw error;
    }
  }

  private afterFailure(error: Error, read: ReadMessage): Promise<DeadLetterResult> {
    if (error instanceof DeadLetterNotClaimed || error instanceof CommitOutcomeUnknownError) throw error;
    const kind = classifyFailure(error);
    switch (kind) {
      case 'INFRASTRUCTURE':
      case 'SCHEMA':
        throw error;
      case 'HANDLER':
        return this.fail('HANDLER_FAILED', error, read);
      case 'POISON':
      case 'TX_NO_CONFLICT':
      case 'EXPIRED':
        return this.fail(kind, error, read);
    }
  }

  private close(outcome: 'DUPLICATE' | 'IGNORED'): Promise<DeadLetterResult> {
    return this.claimed(async (entityManager) => {
      await this.recordClosed(entityManager, outcome);
      return { outcome };
    });
  }

  /** As when a delivery becomes a dead letter, but `onDeadLetter` is not retried: when it fails, the detail says so. */
  private async fail(
    reason: DeadLetterReason,
    error: Error,
    read: ReadMessage | undefined,
  ): Promise<DeadLetterResult> {
    const call = new OnDeadLetterCall(this.group.listener, read);
    try {
      return await this.recordFailed(reason, error, read, call.run);
    } catch (failure) {
      if (failure instanceof DeadLetterNotClaimed || !call.hasCaused(failure)) throw failure;
      return this.recordFailed(reason, withOnDeadLetterFailure(error, failure), read, undefined);
    }
  }

  /** Another delivery may have been consumed meanwhile: the barrier first, then `onDeadLetter`, then the row. */
  private recordFailed(
    reason: DeadLetterReason,
    error: Error,
    read: ReadMessage | undefined,
    onDeadLetter: OnDeadLetter | undefined,
  ): Promise<DeadLetterResult> {
    const detail = this.detailOf(reason, error);
    return this.claimed(async (entityManager) => {
      if (read !== undefined && (await this.isConsumed(read, entityManager))) {
        await this.recordClosed(entityManager, 'DUPLICATE');
        return { outcome: 'DUPLICATE' };
      }
      if ((await onDeadLetter?.(reason, entityManager)) === 'DROP') {
        await this.recordClosed(entityManager, 'DROPPED');
        return { outcome: 'DROPPED' };
      }
      const action = { id: this.letter.id, action: 'REDRIVE', actor: this.options } as const;
      await keepDeadLetterOpen(entityManager, action, { reason, detail, contents: read });
      return { outcome: 'FAILED', reason, detail };
    });
  }

  /** With the reason that it had before, which the row no longer holds: an operator needs the first one most. */
  private detailOf(reason: DeadLetterReason, error: Error): string {
    const now = `${error.name}: ${error.message}`;
    const before = this.letter;
    if (reason !== before.reason) return `${now} (before: ${before.reason}, ${before.detail})`;
    return before.detail.startsWith(`${now} (before: `) ? before.detail : now;
  }

  private isConsumed({ txNo, contentsHash }: ReadMessage, entityManager: EntityManager): Promise<boolean> {
    const scope = this.group.listener.consumerGroup;
    return this.barrier.isDone(entityManager, { txNo, scope, contentsHash });
  }

  private recordClosed(entityManager: EntityManager, outcome: string): Promise<void> {
    return closeDeadLetter(entityManager, {
      id: this.letter.id,
      action: 'REDRIVE',
      actor: this.options,
      outcome,
    });
  }

  /**
   * Waits for the lock of the handler's transaction, which the server may hold for a while after the connection was closed
   * at its deadline.
   */
  private async claimed<T>(work: (entityManager: EntityManager) => Promise<T>): Promise<T> {
    const deadline = Deadline.in(RECORD_TIMEOUT_MS);
    for (;;) {
      try {
        return await this.transactions.run(
          async ({ entityManager }) => {
            await claimDeadLetter(entityManager, this.letter.id, 'WAIT');
            return { decision: 'COMMIT', value: await work(entityManager) };
          },
          { deadline, txNos: this.letter.txNo === null ? [] : [this.letter.txNo] },
        );
      } catch (error) {
        if (!isLockConflict(error) || deadline.hasPassed()) throw error;
      }
    }
  }
}

function wasConsumed({ history }: StoredDeadLetter): boolean {
  return history.some(
    ({ action, outcome }) => action === 'REDRIVE' && ['DONE', 'DUPLICATE'].includes(outcome),
  );
}
