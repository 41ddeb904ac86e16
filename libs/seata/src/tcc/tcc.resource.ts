import { Logger } from '@nestjs/common';
import type { DatabaseTransactions, Deadline } from 'txmsg';
import type { FaultInjector } from 'txmsg/faults';
import type { Branch, BranchResource, PhaseTwoAnswer } from '../rm/branch.js';
import type { SeataFaultPoint } from '../seata-fault-point.js';
import { inputOf } from './action-context.js';
import { commitStep, rollbackStep, type FenceStatus, type FenceStep } from './fence.js';
import { fenceRows } from './fence.store.js';
import type { PhaseTwoMethod, TccCall } from './tcc-action.js';

/** What phase two of one action calls. */
export interface PhaseTwoMethods {
  readonly confirm: PhaseTwoMethod;
  readonly cancel: PhaseTwoMethod;
}

interface PhaseTwo {
  readonly method: PhaseTwoMethod;
  readonly stepOf: (status: FenceStatus | undefined) => FenceStep;
  readonly points: Readonly<Record<'begun' | 'executed' | 'beforeCommit' | 'committed', SeataFaultPoint>>;
}

/**
 * Confirms and cancels the branches of one action: its method and the change of the fence row in one database transaction,
 * so that each takes effect once however often the coordinator asks.
 */
export class TccResource implements BranchResource {
  readonly branchType = 'TCC';
  private readonly logger = new Logger(TccResource.name);

  constructor(
    /** The action's name. */
    readonly resourceId: string,
    private readonly methods: PhaseTwoMethods,
    private readonly transactions: Pick<DatabaseTransactions, 'run'>,
    private readonly faults: FaultInjector,
  ) {}

  commit(branch: Branch, deadline: Deadline): Promise<PhaseTwoAnswer> {
    return this.end(branch, deadline, {
      method: this.methods.confirm,
      stepOf: commitStep,
      points: {
        begun: 'service:seata.tcc.confirm-begun',
        executed: 'service:seata.tcc.confirm-executed',
        beforeCommit: 'service:seata.tcc.confirm-before-commit',
        committed: 'service:seata.tcc.confirmed',
      },
    });
  }

  rollback(branch: Branch, deadline: Deadline): Promise<PhaseTwoAnswer> {
    return this.end(branch, deadline, {
      method: this.methods.cancel,
      stepOf: rollbackStep,
      points: {
        begun: 'service:seata.tcc.cancel-begun',
        executed: 'service:seata.tcc.cancel-executed',
        beforeCommit: 'service:seata.tcc.cancel-before-commit',
        committed: 'service:seata.tcc.cancelled',
      },
    });
  }

  /** @throws whatever the database or the action's method throws: the coordinator is answered "retry" then */
  private async end(
    branch: Branch,
    deadline: Deadline,
    { method, stepOf, points }: PhaseTwo,
  ): Promise<PhaseTwoAnswer> {
    const txNo = branch.xid;
    const input = inputOf(branch.applicationData);
    const answer = await this.transactions.run<PhaseTwoAnswer>(
      async ({ entityManager, dropConnection }) => {
        await this.faults.at(points.begun, { txNo, dropConnection });
        const next = stepOf(await fenceRows.lock(entityManager, branch));
        if (next.step === 'RETRY' || next.step === 'NEVER') {
          this.report(branch, next.problem);
          return { decision: 'ROLLBACK', value: next.step };
        }
        if (next.step === 'CALL') {
          const call: TccCall<object> = { entityManager, input, xid: branch.xid, branchId: branch.branchId };
          await method(call);
          await fenceRows.update(entityManager, branch, next.status);
        }
        if (next.step === 'INSERT')
          await fenceRows.insert(entityManager, branch, this.resourceId, next.status);
        await this.faults.at(points.executed, { txNo, dropConnection });
        return { decision: next.step === 'NOTHING' ? 'ROLLBACK' : 'COMMIT', value: 'DONE' };
      },
      {
        deadline,
        txNos: [txNo],
        beforeCommit: ({ dropConnection }) => this.faults.at(points.beforeCommit, { txNo, dropConnection }),
      },
    );
    await this.faults.at(points.committed, { txNo });
    return answer;
  }

  private report({ xid, branchId }: Branch, problem: string): void {
    this.logger.error({
      message: `phase two of "${this.resourceId}" cannot be done: ${problem}`,
      action: this.resourceId,
      xid,
      branchId: String(branchId),
    });
  }
}
