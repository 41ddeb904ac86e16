import type { EntityManager } from 'typeorm';
import { Barrier, BarrierCollisionError } from '../barrier/index.js';
import type { DatabaseTransactions, Decision, TransactionContext } from '../database/index.js';
import { Deadline } from '../deadline/index.js';
import { asError } from '../errors/as-error.js';
import { CommitOutcomeUnknownError, TxNoConflictError } from '../errors/index.js';
import { txNosOf } from '../faults/fault-injector.js';
import type { FaultInjector } from '../faults/index.js';
import type { Ignored } from './message-handler.js';
import type { RegisteredMessageListener } from './message-listener.registry.js';
import { itemOf, type ReadMessage } from './message-reader.js';

/**
 * What came of consuming one message.
 * - `DONE`: the handler's work is committed.
 * - `DUPLICATE`: an earlier delivery of the same contents was consumed; nothing was done.
 * - `Ignored`: the handler answered `ignore`, and everything is rolled back.
 * - an Error: why it was not consumed. Nothing is committed, except perhaps after a CommitOutcomeUnknownError.
 */
export type ConsumptionResult = 'DONE' | 'DUPLICATE' | Ignored | Error;

/** What a caller of `consumeOne` does in the message's transaction. A throw rolls it back. */
export interface ConsumptionHooks {
  /** Before the barrier row is inserted. */
  readonly beforeBarrier: (entityManager: EntityManager) => Promise<void>;
  /** When the handler has returned without `ignore`, before COMMIT. */
  readonly afterHandler: (entityManager: EntityManager) => Promise<void>;
}

/** After so many collisions with a barrier row that was gone again, the message is retried later. */
const COLLISIONS_MAX = 3;

/**
 * Consumes messages, each once: barrier row, handler and COMMIT in one transaction (docs/ARCHITECTURE.md, 3.3). What
 * follows from the result (acknowledge, retry later, dead-letter) is decided by `decideEnding`.
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
  async consumeAll(messages: readonly ReadMessage[]): Promise<Map<ReadMessage, ConsumptionResult>> {
    const batch = firstOfEachTxNo(messages);
    const results = new Map<ReadMessage, ConsumptionResult>();
    if (batch.length > 1) {
      const together =
        (await this.tryBatch(batch)) ??
        (await this.tryBatch(batch)) ??
        new Map<ReadMessage, ConsumptionResult>();
      for (const [message, result] of together) results.set(message, result);
    }
    for (const message of messages) {
      if (!results.has(message)) results.set(message, await this.consumeOne(message));
    }
    return results;
  }

  /** Never throws: an error, of the hooks too, is the result. */
  async consumeOne(message: ReadMessage, hooks?: ConsumptionHooks): Promise<ConsumptionResult> {
    for (let collisions = 1; ; collisions++) {
      try {
        return await this.inTransaction<ConsumptionResult>([message], async (context) => {
          await hooks?.beforeBarrier(context.entityManager);
          const [ignored] = await this.enterAndHandle([message], context);
          if (ignored !== undefined) return { decision: 'ROLLBACK', value: ignored };
          await hooks?.afterHandler(context.entityManager);
          return { decision: 'COMMIT', value: 'DONE' };
        });
      } catch (error) {
        if (!(error instanceof BarrierCollisionError)) return asError(error);
        const result = await this.resultOfCollision(message);
        if (result !== undefined) return result;
        if (collisions === COLLISIONS_MAX) return new CommitOutcomeUnknownError({ cause: error });
      }
    }
  }

  /** Undefined when the batch was rolled back, or its COMMIT was not confirmed. */
  private async tryBatch(
    batch: readonly ReadMessage[],
  ): Promise<Map<ReadMessage, ConsumptionResult> | undefined> {
    try {
      return await this.inTransaction(batch, async (context) => {
        const results = await this.resultsOfKnown(batch, context);
        const fresh = batch.filter((message) => !results.has(message));
        const answers = fresh.length > 0 ? await this.enterAndHandle(fresh, context) : [];
        fresh.forEach((message, index) => results.set(message, answers[index] ?? 'DONE'));
        const ignored = fresh.filter((_message, index) => answers[index] !== undefined);
        await this.leave(ignored, context);
        return { decision: 'COMMIT', value: results };
      });
    } catch {
      // Each message is then consumed alone, which shows its own failure.
      return undefined;
    }
  }

  private async inTransaction<T>(
    messages: readonly ReadMessage[],
    work: (context: TransactionContext) => Promise<Decision<T>>,
  ): Promise<T> {
    const about = txNosOf(messages);
    const value = await this.transactions.run(
      async (context) => {
        await this.faults.at('consume.begun', { ...about, dropConnection: context.dropConnection });
        return work(context);
      },
      {
        deadline: Deadline.in(this.handlerTimeoutMs),
        txNos: messages.map((message) => message.txNo),
        beforeCommit: ({ dropConnection }) =>
          this.faults.at('consume.before-commit', { ...about, dropConnection }),
      },
    );
    for (const message of messages) await this.faults.at('consume.committed', { txNo: message.txNo });
    return value;
  }

  private async enterAndHandle(
    messages: readonly ReadMessage[],
    { entityManager, dropConnection }: TransactionContext,
  ): Promise<readonly (Ignored | undefined)[]> {
    const scope = this.listener.consumerGroup;
    const about = txNosOf(messages);
    await this.barrier.enterOnce(
      entityManager,
      messages.map((message) => ({ txNo: message.txNo, scope, contentsHash: message.contentsHash })),
    );
    await this.faults.at('consume.barrier-inserted', { ...about, dropConnection });
    const answers = await this.listener.handle(messages.map(itemOf), entityManager);
    await this.faults.at('consume.executed', { ...about, dropConnection });
    return answers;
  }

  /** Ignored messages leave no row: it would stand in the way of a genuine message under the same txNo. */
  private async leave(ignored: readonly ReadMessage[], { entityManager }: TransactionContext): Promise<void> {
    const scope = this.listener.consumerGroup;
    await this.barrier.leaveAll(
      entityManager,
      ignored.map(({ txNo }) => ({ txNo, scope })),
    );
  }

  private async resultsOfKnown(
    batch: readonly ReadMessage[],
    { entityManager }: TransactionContext,
  ): Promise<Map<ReadMessage, ConsumptionResult>> {
    const txNos = batch.map(({ txNo }) => txNo);
    const known = await this.barrier.findDone(entityManager, this.listener.consumerGroup, txNos);
    const results = new Map<ReadMessage, ConsumptionResult>();
    for (const message of batch) {
      const hash = known.get(message.txNo);
      if (hash !== undefined) results.set(message, this.compare(message, hash));
    }
    return results;
  }

  /** Called after the collision was rolled back. Undefined when the other transaction's row is gone: try again. */
  private async resultOfCollision(message: ReadMessage): Promise<ConsumptionResult | undefined> {
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

  /**
   * The same txNo with other contents is another event and not a duplicate: senders that use the millisecond clock as txNo
   * give two events of one millisecond the same one.
   */
  private compare({ txNo, contentsHash }: ReadMessage, done: Buffer): ConsumptionResult {
    return done.equals(contentsHash) ? 'DUPLICATE' : new TxNoConflictError(txNo, this.listener.consumerGroup);
  }
}

/** In txNo order, in which all batches lock their barrier rows; a second message of a txNo is consumed alone afterwards. */
function firstOfEachTxNo(messages: readonly ReadMessage[]): ReadMessage[] {
  const first = new Map<string, ReadMessage>();
  for (const message of messages) if (!first.has(message.txNo)) first.set(message.txNo, message);
  return [...first.values()].sort((a, b) => (a.txNo < b.txNo ? -1 : 1));
}
