import type { EntityManager } from 'typeorm';
import { BarrierCollisionError, type Barrier, type BarrierEntry } from '../barrier/index.js';
import type { RegisteredMessageListener } from '../consumer/message-listener.registry.js';
import { readMessageInTime, type ReadMessage } from '../consumer/message-reader.js';
import type { DatabaseTransactions } from '../database/index.js';
import { Deadline } from '../deadline/index.js';
import { PoisonMessageError } from '../errors/index.js';
import type { FaultInjector } from '../faults/index.js';
import { claimDeadLetter, closeDeadLetter, type DeadLetterActor } from './dead-letter.actions.js';
import type { StoredDeadLetter } from './dead-letter.js';

/**
 * Closes a dead letter without calling its handler: barrier row, the listener's `onDismiss`, and the dead letter's state
 * in one transaction. The barrier row makes a later delivery of the same contents a duplicate; when `onDismiss` answers
 * `ignore`, the row is deleted again.
 */
export class DeadLetterDismissal {
  constructor(
    private readonly listener: RegisteredMessageListener,
    private readonly transactions: DatabaseTransactions,
    private readonly barrier: Barrier,
    private readonly faults: FaultInjector,
    private readonly timeoutMs: number,
  ) {}

  /** @throws DeadLetterNotClaimed, CommitOutcomeUnknownError, and errors of the database and of `onDismiss` */
  async run({ id, message }: StoredDeadLetter, actor: DeadLetterActor): Promise<void> {
    const read = await this.readIfPossible(message);
    const txNo = read?.txNo;
    await this.transactions.run(
      async ({ entityManager, dropConnection }) => {
        await this.faults.at('consume.begun', { txNo, dropConnection });
        await claimDeadLetter(entityManager, id);
        if (read !== undefined) await this.callOnDismiss(read, entityManager);
        await closeDeadLetter(entityManager, { id, action: 'DISMISS', actor, outcome: 'DONE' });
        return { decision: 'COMMIT', value: undefined };
      },
      {
        deadline: Deadline.in(this.timeoutMs),
        txNos: txNo === undefined ? [] : [txNo],
        beforeCommit: ({ dropConnection }) =>
          this.faults.at('consume.before-commit', { txNo, dropConnection }),
      },
    );
    await this.faults.at('consume.committed', { txNo });
  }

  /** Undefined for a poison message: it has no txNo, and `onDismiss` cannot be called with it. */
  private async readIfPossible(message: StoredDeadLetter['message']): Promise<ReadMessage | undefined> {
    try {
      return await readMessageInTime(message, this.listener, this.timeoutMs);
    } catch (error) {
      if (error instanceof PoisonMessageError) return undefined;
      throw error;
    }
  }

  private async callOnDismiss(
    { txNo, contentsHash, contents }: ReadMessage,
    entityManager: EntityManager,
  ): Promise<void> {
    const entry = { txNo, scope: this.listener.consumerGroup, contentsHash };
    const hasEntered = await this.enter(entry, entityManager);
    const ignored = await this.listener.onDismiss?.(contents.copy(), entityManager);
    if (ignored !== undefined && hasEntered) await this.barrier.leaveAll(entityManager, [entry]);
  }

  /** False when there is a row already: these contents were consumed, or others under the same txNo; `onDismiss` finds out. */
  private async enter(entry: BarrierEntry, entityManager: EntityManager): Promise<boolean> {
    try {
      await this.barrier.enterOnce(entityManager, [entry]);
      return true;
    } catch (error) {
      if (error instanceof BarrierCollisionError) return false;
      throw error;
    }
  }
}
