import type { EntityManager } from 'typeorm';

/** What an action is called with, in each of its three methods. */
export interface TccCall<Input extends object> {
  /**
   * The method's own database transaction, which also holds the fence row: what runs through it takes effect exactly once
   * for this branch and method. What does not run through it may happen several times or, after a crash, without it.
   */
  readonly entityManager: EntityManager;
  /** What `try` was called with; confirm and cancel get an equal copy, after any number of restarts. */
  readonly input: Input;
  /** The global transaction. */
  readonly xid: string;
  /** This branch of it. */
  readonly branchId: bigint;
}

/**
 * A participant in TCC (Try, Confirm, Cancel). A provider whose method `try` carries `@TwoPhaseBusinessAction`, which also
 * names the methods of phase two. It is a singleton: one that Nest makes for each request is refused at start, unless a factory
 * makes it under another token than its class, where it is not found, and phase two is answered "retry".
 *
 * - `try` checks and reserves all that confirm needs, and changes nothing that others could see as done. What it throws
 *   leaves nothing behind, and the initiator should let the error roll the global transaction back.
 * - `confirm` spends what was reserved. It must not refuse: it is called again until it succeeds.
 * - `cancel` gives back what was reserved; it is called only for a `try` that took effect, and again until it succeeds.
 *
 * The fence sees to the rest: a second confirm or cancel does nothing, a cancel without a try does nothing (empty
 * rollback), a try after its cancel is refused (suspension). Several branches of one global transaction are confirmed in
 * an order that is the coordinator's.
 */
export interface TccAction<Input extends object, Result> {
  /** Phase one. */
  try(call: TccCall<Input>): Promise<Result>;
}

/** Both methods of phase two look like this. */
export type PhaseTwoMethod = (call: TccCall<object>) => Promise<unknown>;
