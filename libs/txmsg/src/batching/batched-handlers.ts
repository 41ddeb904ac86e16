import type { EntityManager } from 'typeorm';
import type { TransactionContext } from '../database/index.js';
import type { Deadline } from '../deadline/index.js';
import { asError } from '../errors/as-error.js';
import type { BatchSize } from './batch-size.js';

/** Which part of the batch's time may pass before its last handler begins; the rest is for that handler, and for COMMIT. */
const TIME_SHARE = 1 / 8;

/**
 * What became of one item of a batch, apart from the COMMIT that is still to come.
 * - `KEPT`: what its handler wrote is to be committed.
 * - `UNDONE`: its handler answered that nothing is to be stored (refused, or ignored), and nothing is left of its writes.
 * - `FAILED`: its handler threw, or left something unfinished, and nothing is left of its writes.
 * - `NOT_BEGUN`: the batch's share of the time was used up before.
 */
export type ItemResult<Answer> =
  | AnsweredItem<Answer>
  | { readonly state: 'FAILED'; readonly error: Error }
  | { readonly state: 'NOT_BEGUN' };

export interface AnsweredItem<Answer> {
  readonly state: 'KEPT' | 'UNDONE';
  readonly answer: Answer;
}

/** Calls the handler of the item at that index, in the context that belongs to the item. */
export type CallFor = <T>(index: number, call: () => Promise<T>) => Promise<T>;

/** The handler of a listener. */
export interface BatchedHandler<Item, Answer> {
  /** The batch form: answers for all items; a throw fails the whole batch. Undefined for the single form. */
  readonly all:
    ((items: readonly Item[], entityManager: EntityManager) => Promise<readonly Answer[]>) | undefined;
  /** One item. The batch form is given a batch of one. */
  readonly one: (item: Item, entityManager: EntityManager) => Promise<Answer>;
  /** Whether the answer means that nothing is to be stored. */
  readonly isUndone: (answer: Answer) => boolean;
}

/**
 * Calls the handlers of a listener inside a transaction whose barrier rows are in, and tells its `BatchSize` how long
 * they took.
 *
 * In a batch, each handler of the single form runs behind a savepoint, with an EntityManager of its own that ends before
 * the next begins. What a savepoint cannot undo (a deadlock, a lock timeout, a lost connection) dooms the transaction,
 * and fails the whole batch.
 */
export class BatchedHandlers<Item, Answer> {
  constructor(
    private readonly handler: BatchedHandler<Item, Answer>,
    readonly batchSize: BatchSize,
  ) {}

  /** Without a savepoint: a throw is for the transaction's caller. */
  async runAlone(item: Item, context: TransactionContext): Promise<AnsweredItem<Answer>> {
    const stop = this.watch(context);
    const answer = await this.handler.one(item, context.entityManager);
    stop(1);
    return this.answered(answer);
  }

  /**
   * One result for each item, in their order; the first is always begun.
   * @param deadline - of the transaction
   * @param callFor - for the single form, whose handlers are called one by one
   */
  async runBatch(
    items: readonly Item[],
    context: TransactionContext,
    deadline: Deadline,
    callFor: CallFor = (_index, call) => call(),
  ): Promise<readonly ItemResult<Answer>[]> {
    const { all } = this.handler;
    if (all === undefined) return this.runEach(items, context, deadline, callFor);
    const answers = await all(items, context.entityManager);
    return answers.map((answer) => this.answered(answer));
  }

  private async runEach(
    items: readonly Item[],
    context: TransactionContext,
    deadline: Deadline,
    callFor: CallFor,
  ): Promise<readonly ItemResult<Answer>[]> {
    const enoughMs = deadline.remainingMs() * (1 - TIME_SHARE);
    const stop = this.watch(context);
    const results: ItemResult<Answer>[] = [];
    for (const item of items) {
      if (results.length > 0 && deadline.remainingMs() < enoughMs) break;
      results.push(await callFor(results.length, () => this.behindSavepoint(item, context)));
    }
    stop(results.length);
    if (results.length < items.length) this.batchSize.stoppedAfter(results.length);
    return items.map((_item, index) => results[index] ?? { state: 'NOT_BEGUN' });
  }

  private answered(answer: Answer): AnsweredItem<Answer> {
    return { state: this.handler.isUndone(answer) ? 'UNDONE' : 'KEPT', answer };
  }

  private watch({ statementsMs }: TransactionContext): (handlers: number) => void {
    const startedAt = performance.now();
    const statementsBefore = statementsMs();
    return (handlers) => {
      const totalMs = performance.now() - startedAt;
      const outsideDatabaseMs = totalMs - (statementsMs() - statementsBefore);
      this.batchSize.handled(handlers, { totalMs, outsideDatabaseMs });
    };
  }

  private async behindSavepoint(item: Item, context: TransactionContext): Promise<ItemResult<Answer>> {
    try {
      const answer = await context.entityManager.transaction(async (entityManager) => {
        const answer = await this.handler.one(item, entityManager);
        if (this.handler.isUndone(answer)) throw new UndoneError(answer);
        return answer;
      });
      return { state: 'KEPT', answer };
    } catch (error) {
      context.assertAlive();
      if (error instanceof UndoneError) return { state: 'UNDONE', answer: error.answer as Answer };
      return { state: 'FAILED', error: asError(error) };
    }
  }
}

/** Leaves the transaction behind the savepoint, whose writes are undone, with the handler's answer. */
class UndoneError extends Error {
  constructor(readonly answer: unknown) {
    super('undone');
  }
}
