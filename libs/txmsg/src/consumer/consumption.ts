import type { EntityManager } from 'typeorm';
import { Barrier, BarrierCollisionError, type BarrierEntry } from '../barrier/index.js';
import type { ItemResult } from '../batching/index.js';
import type { DatabaseTransactions, Decision, TransactionContext } from '../database/index.js';
import { Deadline, withDeadline } from '../deadline/index.js';
import { asError } from '../errors/as-error.js';
import { CommitOutcomeUnknownError, TxNoConflictError } from '../errors/index.js';
import { txNosOf } from '../faults/fault-injector.js';
import type { FaultInjector } from '../faults/index.js';
import type { ConsumerTelemetry, ProcessingResult } from '../telemetry/index.js';
import type { Ignored } from './message-handler.js';
import type { RegisteredMessageListener } from './message-listener.registry.js';
import { itemOf, type ProcessedMessage } from './message-reader.js';

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
    private readonly telemetry: ConsumerTelemetry,
  ) {}

  /**
   * Many messages in one transaction; when that fails, each alone, so that one bad message never blocks its
   * neighbours. The batch form, in which any failure fails the whole batch, is tried once more before.
   */
  async consumeAll(messages: readonly ProcessedMessage[]): Promise<Map<ProcessedMessage, ConsumptionResult>> {
    const { batchSize } = this.listener.handlers;
    const batch = firstOfEachTxNo(messages);
    let results: Map<ProcessedMessage, ConsumptionResult> | undefined;
    if (batch.length > 1 && batchSize.now > 1) {
      results = await this.tryBatch(batch);
      if (results === undefined && !batchSize.isAdaptive) results = await this.tryBatch(batch);
    }
    results ??= new Map();
    for (const [{ processing }, result] of results) processing.end(toProcessingResult(result));
    for (const message of messages) {
      if (!results.has(message)) results.set(message, await this.consumeOne(message));
    }
    return results;
  }

  /** Never throws: an error, of the hooks too, is the result. */
  async consumeOne(message: ProcessedMessage, hooks?: ConsumptionHooks): Promise<ConsumptionResult> {
    const { processing } = message;
    const result = await processing.work.within(() => this.consumeAlone(message, hooks));
    processing.end(toProcessingResult(result));
    return result;
  }

  private async consumeAlone(
    message: ProcessedMessage,
    hooks: ConsumptionHooks | undefined,
  ): Promise<ConsumptionResult> {
    for (let collisions = 1; ; collisions++) {
      try {
        return await this.inTransaction<ConsumptionResult>([message], async (context) => {
          await hooks?.beforeBarrier(context.entityManager);
          await this.barrier.enterOnce(context.entityManager, [this.entryOf(message)]);
          const { answer } = await this.handle([message], context, () =>
            this.listener.handlers.runAlone(itemOf(message), context),
          );
          if (answer !== undefined) return { decision: 'ROLLBACK', value: answer };
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

  /**
   * Undefined when the batch was rolled back, or its COMMIT was not confirmed. A message without a result was not begun,
   * and is to be consumed alone.
   */
  private async tryBatch(
    batch: readonly ProcessedMessage[],
  ): Promise<Map<ProcessedMessage, ConsumptionResult> | undefined> {
    const work = this.telemetry.batch(batch.map(({ processing }) => processing));
    try {
      const results = await work.within(() => this.consumeBatch(batch));
      work.end();
      return results;
    } catch (error) {
      work.end(error);
      // Each message is then consumed alone, which shows its own failure.
      this.listener.handlers.batchSize.failed();
      return undefined;
    }
  }

  private consumeBatch(
    batch: readonly ProcessedMessage[],
  ): Promise<Map<ProcessedMessage, ConsumptionResult>> {
    return this.inTransaction(batch, async (context, deadline) => {
      const done = await this.barrier.enterFresh(
        context.entityManager,
        this.listener.consumerGroup,
        batch.map((message) => this.entryOf(message)),
      );
      const results = this.resultsOfDone(batch, done);
      const fresh = batch.filter((message) => !results.has(message));
      if (fresh.length === 0) return { decision: 'ROLLBACK', value: results };
      const items = await this.handle(fresh, context, () =>
        this.listener.handlers.runBatch(fresh.map(itemOf), context, deadline, (index, call) => {
          const message = fresh[index];
          return message === undefined ? call() : message.processing.work.within(call);
        }),
      );
      fresh.forEach((message, index) => {
        const result = resultOf(items[index]);
        if (result !== undefined) results.set(message, result);
      });
      const unkept = fresh.filter((_message, index) => items[index]?.state !== 'KEPT');
      if (unkept.length === fresh.length) return { decision: 'ROLLBACK', value: results };
      await this.leave(unkept, context);
      return { decision: 'COMMIT', value: results };
    });
  }

  private async inTransaction<T>(
    messages: readonly ProcessedMessage[],
    work: (context: TransactionContext, deadline: Deadline) => Promise<Decision<T>>,
  ): Promise<T> {
    const about = txNosOf(messages);
    const deadline = Deadline.in(this.handlerTimeoutMs);
    const value = await this.counted(messages.length, () =>
      this.transactions.run(
        async (context) => {
          await this.faults.at('consume.begun', { ...about, dropConnection: context.dropConnection });
          return work(context, deadline);
        },
        {
          deadline,
          txNos: messages.map((message) => message.txNo),
          beforeCommit: ({ dropConnection }) =>
            this.faults.at('consume.before-commit', { ...about, dropConnection }),
        },
      ),
    );
    // What hangs here is treated as a failure: each message is then found to be a duplicate.
    await withDeadline(
      this.faults.at('consume.committed', about),
      this.handlerTimeoutMs,
      () => new CommitOutcomeUnknownError(),
    );
    return value;
  }

  private async counted<T>(messages: number, run: () => Promise<T>): Promise<T> {
    try {
      const value = await run();
      this.telemetry.transaction(messages);
      return value;
    } catch (error) {
      if (error instanceof CommitOutcomeUnknownError) this.telemetry.commitUnknown();
      throw error;
    }
  }

  private entryOf({ txNo, contentsHash }: ProcessedMessage): BarrierEntry {
    return { txNo, scope: this.listener.consumerGroup, contentsHash };
  }

  /** The handlers of messages whose barrier rows are in. */
  private async handle<T>(
    messages: readonly ProcessedMessage[],
    { dropConnection }: TransactionContext,
    handle: () => Promise<T>,
  ): Promise<T> {
    const about = txNosOf(messages);
    await this.faults.at('consume.barrier-inserted', { ...about, dropConnection });
    const handled = await handle();
    await this.faults.at('consume.executed', { ...about, dropConnection });
    return handled;
  }

  /**
   * Messages that were ignored, failed or not begun leave no row: it would stand in the way of the next delivery, or of a
   * genuine message under the same txNo.
   */
  private async leave(
    unkept: readonly ProcessedMessage[],
    { entityManager }: TransactionContext,
  ): Promise<void> {
    const scope = this.listener.consumerGroup;
    await this.barrier.leaveAll(
      entityManager,
      unkept.map(({ txNo }) => ({ txNo, scope })),
    );
  }

  private resultsOfDone(
    batch: readonly ProcessedMessage[],
    done: ReadonlyMap<string, Buffer>,
  ): Map<ProcessedMessage, ConsumptionResult> {
    const results = new Map<ProcessedMessage, ConsumptionResult>();
    for (const message of batch) {
      const hash = done.get(message.txNo);
      if (hash !== undefined) results.set(message, this.compare(message, hash));
    }
    return results;
  }

  /** Called after the collision was rolled back. Undefined when the other transaction's row is gone: try again. */
  private async resultOfCollision(message: ProcessedMessage): Promise<ConsumptionResult | undefined> {
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
  private compare({ txNo, contentsHash }: ProcessedMessage, done: Buffer): ConsumptionResult {
    return done.equals(contentsHash) ? 'DUPLICATE' : new TxNoConflictError(txNo, this.listener.consumerGroup);
  }
}

/** In txNo order, in which all batches lock their barrier rows; a second message of a txNo is consumed alone afterwards. */
function firstOfEachTxNo(messages: readonly ProcessedMessage[]): ProcessedMessage[] {
  const first = new Map<string, ProcessedMessage>();
  for (const message of messages) if (!first.has(message.txNo)) first.set(message.txNo, message);
  return [...first.values()].sort((a, b) => (a.txNo < b.txNo ? -1 : 1));
}

function toProcessingResult(result: ConsumptionResult): ProcessingResult {
  return typeof result === 'string' || result instanceof Error ? result : 'IGNORED';
}

/** Undefined for an item that was not begun. */
function resultOf(item: ItemResult<Ignored | undefined> | undefined): ConsumptionResult | undefined {
  if (item === undefined || item.state === 'NOT_BEGUN') return undefined;
  return item.state === 'FAILED' ? item.error : (item.answer ?? 'DONE');
}
