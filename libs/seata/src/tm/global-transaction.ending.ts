import { setTimeout as delay } from 'node:timers/promises';
import { Deadline } from 'txmsg';
import { withDeadline } from 'txmsg/building-blocks';
import type { FaultInjector } from 'txmsg/faults';
import { BackOff } from '../channel/index.js';
import { CoordinatorRefusedError } from '../errors/index.js';
import type { GlobalStatus } from '../wire/index.js';
import type { CoordinatorClient } from './coordinator.client.js';
import type { GlobalTransactionContext, OwnBranch, OwnBranchOutcome } from './global-transaction.context.js';
import { isGivenUp, outcomeOf, type EndRequest, type GlobalTransactionOutcome } from './outcome.rule.js';

/** What an end came to. */
export interface Ended {
  readonly outcome: GlobalTransactionOutcome;
  /** The coordinator's last answer; undefined: none came. */
  readonly status: GlobalStatus | undefined;
  /** Why no answer came. */
  readonly cause: unknown;
}

const PAUSE_MIN_MS = 50;
const PAUSE_MAX_MS = 1000;
/** How long an end may take. */
export interface EndingLimits {
  /** All of it, in ms. */
  readonly endTimeoutMs: number;
  /**
   * One question, in ms. The coordinator answers when phase two of every branch has answered, which may take it 15 s for a
   * silent one; asked again meanwhile, it says at once what it has decided.
   */
  readonly callTimeoutMs: number;
}

/** What is left for the own branches when the coordinator does not answer. */
const FOR_OWN_BRANCHES_MAX_MS = 2000;

/** Ends a global transaction, and finds out how it ended when the coordinator does not say. */
export class GlobalTransactionEnding {
  constructor(
    private readonly client: CoordinatorClient,
    private readonly faults: FaultInjector,
    private readonly limits: EndingLimits,
  ) {}

  /**
   * Asks until there is an answer: nobody but this process asks the coordinator to commit, and never after it has asked for a
   * rollback, so the same question may be sent again. Never throws.
   */
  async end(asked: EndRequest, { xid, ownBranches }: GlobalTransactionContext): Promise<Ended> {
    const deadline = Deadline.in(this.limits.endTimeoutMs);
    const backOff = new BackOff(PAUSE_MIN_MS, PAUSE_MAX_MS);
    let status: GlobalStatus | undefined;
    let cause: unknown;
    let isRefused = false;
    for (;;) {
      if (status === undefined) {
        try {
          status = await this.ask(asked, xid, deadline);
        } catch (error) {
          cause = error;
          isRefused ||= error instanceof CoordinatorRefusedError;
        }
        // A server that could not store its decision goes on saying this from memory, and may forget it. Whatever else it says
        // comes after it was stored.
        if (isRefused && status === 'Committing') status = undefined;
      }
      if (isGivenUp(status)) return { outcome: 'UNKNOWN', status, cause };
      const own = outcomeOf(asked, status, []) === 'UNKNOWN' ? await askAll(ownBranches.all, deadline) : [];
      const outcome = outcomeOf(asked, status, own);
      const canChange = status === undefined || ownBranches.all.length > 0;
      if (outcome !== 'UNKNOWN' || !canChange || deadline.hasPassed()) return { outcome, status, cause };
      await delay(Math.min(backOff.next(), deadline.remainingMs()));
    }
  }

  private async ask(asked: EndRequest, xid: string, deadline: Deadline): Promise<GlobalStatus> {
    const remainingMs = deadline.remainingMs();
    const forOwnBranchesMs = Math.min(FOR_OWN_BRANCHES_MAX_MS, remainingMs / 4);
    const callMs = Math.min(this.limits.callTimeoutMs, remainingMs - forOwnBranchesMs);
    const answered = async (): Promise<GlobalStatus> => {
      const status = await this.client.end(asked, xid, Deadline.in(callMs));
      await this.faults.at(`service:seata.tm.${POINTS[asked]}-answered`, { txNo: xid });
      return status;
    };
    return withDeadline(answered(), callMs, () => new Error(`no answer within ${Math.round(callMs)} ms`));
  }
}

const POINTS = { Commit: 'commit', Rollback: 'rollback' } as const;

function askAll(branches: readonly OwnBranch[], deadline: Deadline): Promise<OwnBranchOutcome[]> {
  return Promise.all(branches.map((branch) => askOne(branch, deadline)));
}

async function askOne(branch: OwnBranch, deadline: Deadline): Promise<OwnBranchOutcome> {
  try {
    const outcome = branch.outcome(deadline);
    return await withDeadline(outcome, deadline.remainingMs(), () => new Error('no answer in time'));
  } catch {
    // Asked again, or left unknown.
    return 'UNKNOWN';
  }
}
