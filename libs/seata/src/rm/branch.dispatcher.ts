import { Injectable, Logger } from '@nestjs/common';
import { Deadline } from 'txmsg';
import { waitAtMost, withDeadline } from 'txmsg/building-blocks';
import type { FaultInjector } from 'txmsg/faults';
import { MalformedFrameError } from '../errors/index.js';
import { SeataCounters } from '../telemetry/seata.counters.js';
import { BRANCH_STATUS, BRANCH_TYPE_CODES, type Message, type MessageOf } from '../wire/index.js';
import type { Branch, BranchResource, BranchType, PhaseTwoAnswer } from './branch.js';
import { LoggedOnce } from './logged-once.js';
import type { ResourceRegistry } from './resource.registry.js';

type PhaseTwoRequest = MessageOf<'BranchCommit' | 'BranchRollback'>;

/** How phase two is bounded. */
export interface PhaseTwoLimits {
  /** How long one branch may take, in ms: less than the 15 s after which the coordinator stops waiting. */
  readonly branchTimeoutMs: number;
  /** How many branches may be under way at a time; more are answered "retry" at once. */
  readonly branchesMax: number;
}

const STATUSES = {
  BranchCommit: {
    DONE: BRANCH_STATUS.COMMITTED,
    RETRY: BRANCH_STATUS.COMMIT_RETRY,
    NEVER: BRANCH_STATUS.COMMIT_FAILED,
  },
  BranchRollback: {
    DONE: BRANCH_STATUS.ROLLED_BACK,
    RETRY: BRANCH_STATUS.ROLLBACK_RETRY,
    NEVER: BRANCH_STATUS.ROLLBACK_FAILED,
  },
} as const satisfies Record<PhaseTwoRequest['type'], Record<PhaseTwoAnswer, number>>;

/** Carries out what the coordinator asks for, by the resource that serves the branch. */
@Injectable()
export class BranchDispatcher {
  private readonly logger = new Logger(BranchDispatcher.name);
  private readonly underWay = new Set<Promise<unknown>>();
  private readonly loggedOnce = new LoggedOnce();
  private isStopping = false;

  constructor(
    private readonly registry: ResourceRegistry,
    private readonly faults: FaultInjector,
    private readonly limits: PhaseTwoLimits,
    private readonly counters = new SeataCounters(),
  ) {}

  /**
   * @returns the answer, which never rejects; undefined when none is expected
   * @throws MalformedFrameError when the coordinator may not ask this
   */
  receive(request: Message): Promise<Message> | undefined {
    if (request.type === 'BranchCommit' || request.type === 'BranchRollback') {
      return this.counted(this.answer(request));
    }
    if (request.type !== 'UndoLogDelete') throw new MalformedFrameError(`a ${request.type} as a request`);
    void this.counted(this.purge(request));
    return undefined;
  }

  /** What is asked from now on is answered "retry". Resolves when nothing is under way, or after `timeoutMs`. */
  async stop(timeoutMs: number): Promise<void> {
    this.isStopping = true;
    await this.idle(timeoutMs);
  }

  /** Resolves when nothing is under way, or after `timeoutMs`. */
  async idle(timeoutMs: number): Promise<void> {
    await waitAtMost(Promise.all(this.underWay), timeoutMs);
  }

  private counted<T>(work: Promise<T>): Promise<T> {
    this.underWay.add(work);
    void work.finally(() => this.underWay.delete(work));
    return work;
  }

  private async answer(request: PhaseTwoRequest): Promise<Message> {
    const { type, xid, branchId } = request;
    const answer = await this.phaseTwo(request).catch((cause: unknown): PhaseTwoAnswer => {
      this.warnOnce(
        `branch ${branchId} of ${xid}: ${type} failed; the coordinator asks again`,
        String(cause),
      );
      return 'RETRY';
    });
    this.counters.answered(type === 'BranchCommit' ? 'commit' : 'rollback', answer);
    if (answer === 'NEVER') {
      this.logger.error({
        message: `branch ${branchId}: ${type} can never succeed, and the coordinator stops asking: see to it by hand`,
        ...{ xid, resourceId: request.resourceId },
      });
    }
    return {
      type: `${type}Response`,
      result: { ok: true, message: '', exceptionCode: 0 },
      ...{ xid, branchId, branchStatus: STATUSES[type][answer] },
    };
  }

  private async phaseTwo(request: PhaseTwoRequest): Promise<PhaseTwoAnswer> {
    const { type, xid, branchId, resourceId, applicationData } = request;
    const { branchTimeoutMs, branchesMax } = this.limits;
    if (this.isStopping) throw new Error('this process is stopping');
    if (this.underWay.size >= branchesMax) throw new Error(`${branchesMax} branches are under way already`);
    const [branchType, resource] = this.find(request.branchType, resourceId);
    if (branchType === undefined || resource === undefined) {
      // The coordinator asks any process of the same application and address, whatever that has registered.
      this.warnOnce(
        `"${resourceId}" is not served here; the coordinator asks again`,
        `branch type ${request.branchType}`,
      );
      return 'RETRY';
    }
    const deadline = Deadline.in(branchTimeoutMs);
    const branch = { xid, branchId, branchType, resourceId, applicationData };
    return withDeadline(
      this.carryOut(type, resource, branch, deadline),
      branchTimeoutMs,
      () => new Error(`it took longer than ${branchTimeoutMs} ms`),
    );
  }

  private async carryOut(
    type: PhaseTwoRequest['type'],
    resource: BranchResource,
    branch: Branch,
    deadline: Deadline,
  ): Promise<PhaseTwoAnswer> {
    const context = { txNo: branch.xid };
    const phase = type === 'BranchCommit' ? 'commit' : 'rollback';
    await this.faults.at(`service:seata.rm.${phase}-received`, context);
    const answer = await resource[phase](branch, deadline);
    await this.faults.at(`service:seata.rm.${phase}-before-answer`, context);
    return answer;
  }

  private async purge({ branchType, resourceId, days }: MessageOf<'UndoLogDelete'>): Promise<void> {
    const { branchTimeoutMs } = this.limits;
    const [, resource] = this.find(branchType, resourceId);
    if (resource?.purge === undefined || days < 0) return;
    try {
      await withDeadline(
        resource.purge(days, Deadline.in(branchTimeoutMs)),
        branchTimeoutMs,
        () => new Error(`it took longer than ${branchTimeoutMs} ms`),
      );
    } catch (cause) {
      this.logger.warn({
        message: `old undo logs of ${resourceId} could not be deleted`,
        cause: String(cause),
      });
    }
  }

  private find(
    code: number,
    resourceId: string,
  ): readonly [BranchType | undefined, BranchResource | undefined] {
    const branchType = (['AT', 'TCC'] as const).find((type) => BRANCH_TYPE_CODES[type] === code);
    return branchType === undefined
      ? [undefined, undefined]
      : [branchType, this.registry.find(branchType, resourceId)];
  }

  private warnOnce(message: string, cause: string): void {
    if (this.loggedOnce.isNew(`${message} ${cause}`)) this.logger.warn({ message, cause });
  }
}
