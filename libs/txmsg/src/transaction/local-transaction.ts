import type { EntityManager } from 'typeorm';
import type { CheckBackAnswer, MessageHead } from '../broker/index.js';

/** What a local transaction decided: COMMIT with a result for the caller, or ROLLBACK with the business reason. */
export type LocalTransactionOutcome<Result = unknown, Refusal = unknown> =
  | { readonly outcome: 'COMMIT'; readonly result: Result }
  | { readonly outcome: 'ROLLBACK'; readonly refusal: Refusal };

/** The local transaction did its work and is to be committed; `result` is returned to the caller. */
export function commit<Result>(result: Result): { outcome: 'COMMIT'; result: Result } {
  return { outcome: 'COMMIT', result };
}

/** The local transaction refuses for a business reason, which is returned to the caller; everything is rolled back. */
export function rollback<Refusal>(refusal: Refusal): { outcome: 'ROLLBACK'; refusal: Refusal } {
  return { outcome: 'ROLLBACK', refusal };
}

/** What both forms of a listener may have besides. */
export interface CheckBackOverride {
  /**
   * Replaces the barrier's answer to check-backs of this topic. Usually left out: the barrier also fences an attempt that is
   * merely slow. Answering ROLLBACK because a row is absent does not, and loses the message when the slow attempt commits.
   * A throw is answered UNKNOWN. It is asked about every half message of the topic, also those of other senders and other
   * databases, and those whose local transaction is running here: answer UNKNOWN for these.
   */
  checkLocalTransaction?(message: MessageHead): Promise<CheckBackAnswer>;
}

/**
 * The local transaction of a transactional topic; a provider class decorated with `@TransactionListener`.
 *
 * It runs inside a database transaction that the library begins and commits, after the barrier rows were inserted. Use
 * `entityManager` for everything and await every statement: other effects are not rolled back with it. Under load several
 * share one database transaction, each behind a savepoint (the decorator's option `batching`). The method may run
 * more than once for one call (after a deadlock or lock timeout), so it must have no other effects; each time it gets a new
 * copy of the payload. A throw rolls back what it wrote and is rethrown by `sendMessageInTransaction`.
 */
export interface LocalTransactionListener<
  Payload = unknown,
  Arg = unknown,
  Result = unknown,
  Refusal = unknown,
> extends CheckBackOverride {
  /**
   * Does the work in the transaction of `entityManager`, which must not be used after the return.
   * @param arg - what the call gave as `arg`
   */
  executeLocalTransaction(
    payload: Payload,
    arg: Arg,
    entityManager: EntityManager,
  ): Promise<LocalTransactionOutcome<Result, Refusal>>;
}

/** One caller's part of a batch. */
export interface LocalTransactionItem<Payload = unknown, Arg = unknown> {
  /** The call's txNo. */
  readonly txNo: string;
  /** A copy of what the call sends. */
  readonly payload: Payload;
  /** What the call gave as `arg`; undefined when it gave none. */
  readonly arg: Arg;
}

/**
 * The batch form: the local transactions of several callers in one database transaction. A batch is made of the calls that
 * arrived while earlier ones were committing; there is no timer. Items come in txNo order, each txNo once.
 *
 * Return one outcome for each item, in the items' order. An item whose outcome is ROLLBACK must have written nothing,
 * because the other items commit. A throw rolls everything back, and each item is then run alone.
 */
export interface BatchLocalTransactionListener<
  Payload = unknown,
  Arg = unknown,
  Result = unknown,
  Refusal = unknown,
> extends CheckBackOverride {
  /** Does the work of all items in the transaction of `entityManager`. @returns one outcome for each, in their order */
  executeLocalTransactions(
    items: readonly LocalTransactionItem<Payload, Arg>[],
    entityManager: EntityManager,
  ): Promise<readonly LocalTransactionOutcome<Result, Refusal>[]>;
}
