import type { EntityManager } from 'typeorm';
import type { Barrier } from '../barrier/index.js';
import { isLockConflict, type DatabaseTransactions } from '../database/index.js';
import {
  claimDeadLetter,
  closeDeadLetter,
  DeadLetterNotClaimed,
  keepDeadLetterOpen,
  type DeadLetterActor,
  type DeadLetterReason,
  type StoredDeadLetter,
} from '../dead-letter/index.js';
import { Deadline } from '../deadline/index.js';
import { CommitOutcomeUnknownError } from '../errors/index.js';
import type { GroupConsumption } from './consumer.runtime.js';
import { DeadLetterFollowUp, withFollowUpFailure } from './dead-letter-follow-up.js';
import { readMessage, type ReadMessage } from './message-reader.js';
import { classifyFailure } from './retry-policy.js';

/** What re-driving came to; see `DeadLetterResult`. */
export type RedriveEnd =
  | { readonly outcome: 'DONE' | 'DUPLICATE' | 'IGNORED' | 'DROPPED' }
  | { readonly outcome: 'FAILED'; readonly reason: DeadLetterReason; readonly detail: string };

const RECORD_TIMEOUT_MS = 10_000;

/**
 * Takes a dead letter through the same barrier and handler as a delivery. Its state changes in the handler's own
 * transaction: a process that dies leaves it open and nothing done, or closed and everything done.
 */
export class DeadLetterRedrive {
  constructor(
    private readonly group: GroupConsumption,
    private readonly transactions: DatabaseTransactions,
    private readonly barrier: Barrier,
    private readonly letter: StoredDeadLetter,
    private readonly actor: DeadLetterActor,
  ) {}

  /** @throws DeadLetterNotClaimed, CommitOutcomeUnknownError, and errors of the database */
  async run(): Promise<RedriveEnd> {
    // The record of an earlier re-drive is kept longer than the barrier's row.
    if (wasConsumed(this.letter)) return this.close('DUPLICATE');
    const read = await this.read();
    if (read instanceof Error) return this.fail('POISON', read, undefined);
    const { id } = this.letter;
    const end = await this.group.consumption.consumeOne(read, {
      begin: (entityManager) => claimDeadLetter(entityManager, id),
      done: (entityManager) => this.recordClosed(entityManager, 'DONE'),
    });
    if (end === 'DONE') return { outcome: 'DONE' };
    if (end === 'DUPLICATE') return this.close('DUPLICATE');
    return end instanceof Error ? this.conclude(end, read) : this.close('IGNORED');
  }

  /** Read again, because the reason may have been the listener's payload class. */
  private read(): Promise<ReadMessage | Error> {
    return readMessage(this.letter.message, this.group.listener).catch((error: unknown) => error as Error);
  }

  private conclude(error: Error, read: ReadMessage): Promise<RedriveEnd> {
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
        return this.fail(kind, error, read);
    }
  }

  private close(outcome: 'DUPLICATE' | 'IGNORED'): Promise<RedriveEnd> {
    return this.claimed(async (entityManager) => {
      await this.recordClosed(entityManager, outcome);
      return { outcome };
    });
  }

  /** As when a delivery becomes a dead letter; what `onDeadLetter` fails at costs nothing but what it does. */
  private async fail(
    reason: DeadLetterReason,
    error: Error,
    read: ReadMessage | undefined,
  ): Promise<RedriveEnd> {
    const followUp = new DeadLetterFollowUp(this.group.listener, read);
    try {
      return await this.recordFailed(reason, error, read, followUp.run);
    } catch (failure) {
      if (failure instanceof DeadLetterNotClaimed || !followUp.isToBlameFor(failure)) throw failure;
      return this.recordFailed(reason, withFollowUpFailure(error, failure), read, undefined);
    }
  }

  /** The barrier first, then the service, then the row. */
  private recordFailed(
    reason: DeadLetterReason,
    error: Error,
    read: ReadMessage | undefined,
    followUp: DeadLetterFollowUp['run'],
  ): Promise<RedriveEnd> {
    const detail = `${error.name}: ${error.message}`;
    return this.claimed(async (entityManager) => {
      if (read !== undefined && (await this.isConsumed(read, entityManager))) {
        await this.recordClosed(entityManager, 'DUPLICATE');
        return { outcome: 'DUPLICATE' };
      }
      if ((await followUp?.(reason, entityManager)) === 'DROP') {
        await this.recordClosed(entityManager, 'DROPPED');
        return { outcome: 'DROPPED' };
      }
      const action = { id: this.letter.id, action: 'REDRIVE', actor: this.actor } as const;
      await keepDeadLetterOpen(entityManager, action, { reason, detail, contents: read });
      return { outcome: 'FAILED', reason, detail };
    });
  }

  private async isConsumed({ txNo, contentsHash }: ReadMessage, manager: EntityManager): Promise<boolean> {
    const { consumerGroup } = this.group.listener;
    const done = await this.barrier.findDone(manager, consumerGroup, [txNo], 'FOR SHARE');
    return done.get(txNo)?.equals(contentsHash) === true;
  }

  private recordClosed(entityManager: EntityManager, outcome: string): Promise<void> {
    return closeDeadLetter(entityManager, {
      id: this.letter.id,
      action: 'REDRIVE',
      actor: this.actor,
      outcome,
    });
  }

  /** Waits for the attempt's own lock: the server may notice late that a connection was closed at its deadline. */
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
