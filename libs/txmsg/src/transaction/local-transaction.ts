import type { EntityManager } from 'typeorm';
import type { CheckBackAnswer, MessageHead } from '../broker/index.js';

/** What a local transaction decided: COMMIT with a result for the caller, or ROLLBACK with the business reason. */
export type LocalTransactionOutcome<Result = unknown, Refusal = unknown> =
  | { readonly outcome: 'COMMIT'; readonly result: Result }
  | { readonly outcome: 'ROLLBACK'; readonly refusal: Refusal };

/** The local transaction did its work; the database will be asked to COMMIT. */
export function commit<Result>(result: Result): { outcome: 'COMMIT'; result: Result } {
  return { outcome: 'COMMIT', result };
}

/** The local transaction refuses, for a reason that the caller should see; everything is rolled back. */
export function rollback<Refusal>(refusal: Refusal): { outcome: 'ROLLBACK'; refusal: Refusal } {
  return { outcome: 'ROLLBACK', refusal };
}

/** What both forms of a listener may have besides. */
export interface CheckBackOverride {
  /**
   * Replaces the barrier's answer to check-backs of this topic. Leave it out unless you know why: the barrier
   * also fences an attempt that is merely slow, which "row absent, so ROLLBACK" does not.
   */
  checkLocalTransaction?(message: MessageHead): Promise<CheckBackAnswer>;
}

/**
 * The local transaction of a transactional topic; a provider class decorated with `@TransactionListener`.
 *
 * It runs inside a database transaction that the library begins and commits, in which the barrier rows are
 * already inserted. Use `entityManager` for everything: work done elsewhere is not rolled back with it. The
 * method may run more than once for one call (deadlock, lock timeout), so it must have no other effects; each time it
 * gets a new copy of the payload.
 * A throw rolls back and reaches the caller of `sendMessageInTransaction`.
 */
export interface LocalTransactionListener<
  Payload = unknown,
  Arg = unknown,
  Result = unknown,
  Refusal = unknown,
> extends CheckBackOverride {
  executeLocalTransaction(
    payload: Payload,
    arg: Arg,
    entityManager: EntityManager,
  ): Promise<LocalTransactionOutcome<Result, Refusal>>;
}

export interface LocalTransactionItem<Payload = unknown, Arg = unknown> {
  readonly txNo: string;
  readonly payload: Payload;
  readonly arg: Arg;
}

/**
 * The batch form: many callers' local transactions in one database transaction (a batch is what gathered
 * while the last one committed; nobody waits for a timer). Items come in txNo order.
 *
 * Each item gets its own outcome, in the items' order. An item that is answered ROLLBACK must have written
 * nothing: the other items commit. A throw rolls everything back, and each item is then run alone.
 */
export interface BatchLocalTransactionListener<
  Payload = unknown,
  Arg = unknown,
  Result = unknown,
  Refusal = unknown,
> extends CheckBackOverride {
  executeLocalTransactions(
    items: readonly LocalTransactionItem<Payload, Arg>[],
    entityManager: EntityManager,
  ): Promise<readonly LocalTransactionOutcome<Result, Refusal>[]>;
}
