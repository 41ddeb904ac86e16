import type { EntityManager } from 'typeorm';
import { Barrier, BarrierCollisionError } from '../barrier/index.js';
import type { DatabaseTransactions, Decision, TransactionContext } from '../database/index.js';
import { Deadline } from '../deadline/index.js';
import { asError } from '../errors/as-error.js';
import { CommitOutcomeUnknownError, TxNoConflictError } from '../errors/index.js';
import type { FaultInjector } from '../faults/index.js';
import type { Ignored } from './message-handler.js';
import type { RegisteredMessageListener } from './message-listener.registry.js';
import { itemOf, type ReadMessage } from './message-reader.js';

/**
 * How one message's consumption ended: done now or by an earlier delivery, ignored with everything rolled back, or
 * the reason why not.
 */
export type ConsumptionEnd = 'DONE' | 'DUPLICATE' | Ignored | Error;

/** What a caller does in the transaction of one message: before everything else, and after the handler. */
export interface ConsumptionHooks {
  readonly begin: (entityManager: EntityManager) => Promise<void>;
  readonly done: (entityManager: EntityManager) => Promise<void>;
}

/** How often a barrier collision whose row is gone again is met before it counts as trouble. */
const COLLISIONS_MAX = 3;

/**
 * Applies messages in the database, each once: barrier row, handler and COMMIT in one transaction (DESIGN 3.3).
 * Says how it ended; what follows from it (acknowledge, again later, dead letter) is decided elsewhere.
 */
export class Consumption {
  constructor(
    private readonly listener: RegisteredMessageListener,
    private readonly transactions: DatabaseTransactions,
    private readonly barrier: Barrier,
    private readonly faults: FaultInjector,
    private readonly handlerTimeoutMs: number,
  ) {}

  /**
   * Many messages in one transaction; when that fails, once more, then each alone, so that one bad message
   * never blocks its neighbours.
   */
  async consumeAll(messages: readonly ReadMessage[]): Promise<Map<ReadMessage, ConsumptionEnd>> {
    const group = firstOfEachTxNo(messages);
    const ends = new Map<ReadMessage, ConsumptionEnd>();
    if (group.length > 1) {
      const together =
        (await this.tryBatch(group)) ??
        (await this.tryBatch(group)) ??
        new Map<ReadMessage, ConsumptionEnd>();
      for (const [message, end] of together) ends.set(message, end);
    }
    for (const message of messages) {
      if (!ends.has(message)) ends.set(message, await this.consumeOne(message));
    }
    return ends;
  }

  /** Never throws: an error, of the hooks too, is how it ended. */
  async consumeOne(message: ReadMessage, hooks?: ConsumptionHooks): Promise<ConsumptionEnd> {
    for (let collisions = 1; ; collisions++) {
      try {
        return await this.inTransaction<ConsumptionEnd>([message], message.txNo, async (scope) => {
          await hooks?.begin(scope.entityManager);
          const ignored = await this.enterAndHandle([message], scope, message.txNo);
          if (ignored !== undefined) return { decision: 'ROLLBACK', value: ignored };
          await hooks?.done(scope.entityManager);
          return { decision: 'COMMIT', value: 'DONE' };
        });
      } catch (error) {
        if (!(error instanceof BarrierCollisionError)) return asError(error);
        const end = await this.explainCollision(message);
        if (end !== undefined) return end;
        if (collisions === COLLISIONS_MAX) return new CommitOutcomeUnknownError({ cause: error });
      }
    }
  }

  /** Undefined when all of it was rolled back, or cannot be told. */
  private async tryBatch(
    group: readonly ReadMessage[],
  ): Promise<Map<ReadMessage, ConsumptionEnd> | undefined> {
    try {
      return await this.inTransaction(group, undefined, async (scope) => {
        const ends = await this.endsOfKnown(group, scope);
        const fresh = group.filter((message) => !ends.has(message));
        if (fresh.length > 0) await this.enterAndHandle(fresh, scope, undefined);
        for (const message of fresh) ends.set(message, 'DONE');
        return { decision: 'COMMIT', value: ends };
      });
    } catch {
      // Each message's own failure shows when it is tried alone.
      return undefined;
    }
  }

  private async inTransaction<T>(
    messages: readonly ReadMessage[],
    txNo: string | undefined,
    work: (scope: TransactionContext) => Promise<Decision<T>>,
  ): Promise<T> {
    const value = await this.transactions.run(
      async (scope) => {
        await this.faults.at('consume.begun', { txNo, dropConnection: scope.dropConnection });
        return work(scope);
      },
      {
        deadline: Deadline.in(this.handlerTimeoutMs),
        txNos: messages.map((message) => message.txNo),
        beforeCommit: ({ dropConnection }) =>
          this.faults.at('consume.before-commit', { txNo, dropConnection }),
      },
    );
    for (const message of messages) await this.faults.at('consume.committed', { txNo: message.txNo });
    return value;
  }

  private async enterAndHandle(
    messages: readonly ReadMessage[],
    { entityManager, dropConnection }: TransactionContext,
    txNo: string | undefined,
  ): Promise<Ignored | undefined> {
    const scope = this.listener.consumerGroup;
    await this.barrier.enterOnce(
      entityManager,
      messages.map((message) => ({ txNo: message.txNo, scope, contentsHash: message.contentsHash })),
    );
    await this.faults.at('consume.barrier-inserted', { txNo, dropConnection });
    const ignored = await this.listener.handle(messages.map(itemOf), entityManager);
    await this.faults.at('consume.executed', { txNo, dropConnection });
    return ignored;
  }

  private async endsOfKnown(
    group: readonly ReadMessage[],
    { entityManager }: TransactionContext,
  ): Promise<Map<ReadMessage, ConsumptionEnd>> {
    const txNos = group.map(({ txNo }) => txNo);
    const known = await this.barrier.findDone(entityManager, this.listener.consumerGroup, txNos);
    const ends = new Map<ReadMessage, ConsumptionEnd>();
    for (const message of group) {
      const hash = known.get(message.txNo);
      if (hash !== undefined) ends.set(message, this.compare(message, hash));
    }
    return ends;
  }

  /** The collision's transaction is rolled back by now. Undefined when the row that it met is gone again. */
  private async explainCollision(message: ReadMessage): Promise<ConsumptionEnd | undefined> {
    try {
      const known = await this.transactions.run(
        async ({ entityManager }) => ({
          decision: 'ROLLBACK',
          value: await this.barrier.findDone(entityManager, this.listener.consumerGroup, [message.txNo]),
        }),
        { deadline: Deadline.in(this.handlerTimeoutMs) },
      );
      const hash = known.get(message.txNo);
      return hash === undefined ? undefined : this.compare(message, hash);
    } catch (error) {
      return asError(error);
    }
  }

  /** The same txNo with other contents is another event, not a duplicate: classic senders use the clock as txNo. */
  private compare({ txNo, contentsHash }: ReadMessage, done: Buffer): ConsumptionEnd {
    return done.equals(contentsHash) ? 'DUPLICATE' : new TxNoConflictError(txNo, this.listener.consumerGroup);
  }
}

/** In txNo order, which is also the order of the barrier rows; a second message of a txNo is left for later. */
function firstOfEachTxNo(messages: readonly ReadMessage[]): ReadMessage[] {
  const first = new Map<string, ReadMessage>();
  for (const message of messages) if (!first.has(message.txNo)) first.set(message.txNo, message);
  return [...first.values()].sort((a, b) => (a.txNo < b.txNo ? -1 : 1));
}
