/**
 * The states of a fence row, as Seata's own `tcc_fence_log` numbers them, so that Java and Node services may share the
 * table. SUSPENDED: the cancel came before its try, which is refused from then on.
 */
export const FENCE_STATUS = { TRIED: 1, COMMITTED: 2, ROLLED_BACK: 3, SUSPENDED: 4 } as const;
/** A status as the table holds it. */
export type FenceStatus = (typeof FENCE_STATUS)[keyof typeof FENCE_STATUS];

/** What phase two has to do about a branch whose fence row stands like this. */
export type FenceStep =
  /** Call the action's method, and store the new status in the same transaction. */
  | { readonly step: 'CALL'; readonly status: FenceStatus }
  /** A cancel without a try: insert this status, and call nothing. */
  | { readonly step: 'INSERT'; readonly status: FenceStatus }
  /** It was done before. */
  | { readonly step: 'NOTHING' }
  /** The row may still appear, or an operator may mend it. */
  | { readonly step: 'RETRY'; readonly problem: string }
  /** The branch has ended the other way; no later call changes that. */
  | { readonly step: 'NEVER'; readonly problem: string };

/** @param status - of the fence row; undefined: there is none */
export function commitStep(status: FenceStatus | undefined): FenceStep {
  switch (status) {
    case undefined:
      return {
        step: 'RETRY',
        problem:
          'its try left no fence row in this database: either the row was deleted by hand or by a retention that is shorter than an outage of the coordinator, or the service uses another database than before',
      };
    case FENCE_STATUS.TRIED:
      return { step: 'CALL', status: FENCE_STATUS.COMMITTED };
    case FENCE_STATUS.COMMITTED:
      return { step: 'NOTHING' };
    case FENCE_STATUS.ROLLED_BACK:
    case FENCE_STATUS.SUSPENDED:
      return { step: 'NEVER', problem: 'it was cancelled before' };
  }
}

/** @param status - of the fence row; undefined: there is none */
export function rollbackStep(status: FenceStatus | undefined): FenceStep {
  switch (status) {
    case undefined:
      return { step: 'INSERT', status: FENCE_STATUS.SUSPENDED };
    case FENCE_STATUS.TRIED:
      return { step: 'CALL', status: FENCE_STATUS.ROLLED_BACK };
    case FENCE_STATUS.ROLLED_BACK:
    case FENCE_STATUS.SUSPENDED:
      return { step: 'NOTHING' };
    case FENCE_STATUS.COMMITTED:
      return { step: 'NEVER', problem: 'it was confirmed before' };
  }
}

/** What the fence of the initiator's own branch says of how the global transaction ended. */
export function fenceOutcome(status: FenceStatus | undefined): 'COMMITTED' | 'ROLLED_BACK' | 'UNKNOWN' {
  switch (status) {
    case FENCE_STATUS.COMMITTED:
      return 'COMMITTED';
    case FENCE_STATUS.ROLLED_BACK:
    case FENCE_STATUS.SUSPENDED:
      return 'ROLLED_BACK';
    case FENCE_STATUS.TRIED:
    case undefined:
      return 'UNKNOWN';
  }
}
