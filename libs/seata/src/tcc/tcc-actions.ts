import { Injectable } from '@nestjs/common';
import { DatabaseTransactions, type Deadline } from 'txmsg';
import { isDuplicateEntry } from 'txmsg/building-blocks';
import { FaultInjector } from 'txmsg/faults';
import { NoGlobalTransactionError, TccActionUnknownError, TccSuspendedError } from '../errors/index.js';
import { BranchRegistrar } from '../rm/branch.registrar.js';
import { currentGlobalTransaction, type GlobalTransactionContext } from '../tm/global-transaction.context.js';
import { applicationDataOf } from './action-context.js';
import { FENCE_STATUS, fenceOutcome } from './fence.js';
import { fenceRows, type FencedBranch } from './fence.store.js';
import type { TccAction, TccCall } from './tcc-action.js';
import { declaredActions, type DeclaredAction } from './two-phase-business-action.decorator.js';

const PROBE_TIMEOUT_MS = 5000;

/** Calls the try of TCC actions within the global transaction that is open. */
@Injectable()
export class TccActions {
  constructor(
    private readonly registrar: BranchRegistrar,
    private readonly transactions: DatabaseTransactions,
    private readonly faults: FaultInjector,
  ) {}

  /**
   * Registers a branch with the coordinator, then runs the action's `try` and inserts the branch's fence row, both in one
   * database transaction of their own, which ends before the global transaction's time does.
   *
   * When this throws, the global transaction must be rolled back: let the error pass, or throw another one. After most
   * errors nothing was stored; after `CommitOutcomeUnknownError` it may have been, and the rollback sees to it.
   *
   * @param action - a provider whose method `try` carries `@TwoPhaseBusinessAction`
   * @param input - a plain object that JSON can hold, up to about 1,700 characters: confirm and cancel get it back
   * @returns what `try` returned
   * @throws what `try` throws; NoGlobalTransactionError, TccActionUnknownError, TccInputError, TccSuspendedError;
   * CoordinatorUnavailableError, CoordinatorTimeoutError, CoordinatorRefusedError, GlobalTransactionOverError; the errors
   * of `DatabaseTransactions.run`
   */
  async try<Input extends object, Result>(action: TccAction<Input, Result>, input: Input): Promise<Result> {
    const declared = declaredActions(action).find(({ tryMethod }) => tryMethod === 'try');
    if (declared === undefined) throw new TccActionUnknownError(action.constructor.name);
    const global = currentGlobalTransaction();
    if (global === undefined) throw new NoGlobalTransactionError(`The action "${declared.name}"`);
    const applicationData = applicationDataOf(declared, input, Date.now());
    return global.branch(async (deadline) => {
      const branch = await this.register(global, declared, applicationData, deadline);
      return this.runTry(action, declared, branch, input, deadline);
    });
  }

  private async register(
    global: GlobalTransactionContext,
    { name }: DeclaredAction,
    applicationData: string,
    deadline: Deadline,
  ): Promise<FencedBranch> {
    const { xid } = global;
    await this.faults.at('service:seata.tcc.before-register', { txNo: xid });
    const branchId = await this.registrar.register(
      { xid, branchType: 'TCC', resourceId: name, applicationData },
      deadline,
    );
    const branch: FencedBranch = { xid, branchId };
    global.ownBranches.add({
      branchType: 'TCC',
      branchId,
      resourceId: name,
      outcome: async (until) => fenceOutcome(await this.fenceStatus(branch, until)),
    });
    await this.faults.at('service:seata.tcc.registered', { txNo: xid });
    return branch;
  }

  private async runTry<Input extends object, Result>(
    action: TccAction<Input, Result>,
    { name }: DeclaredAction,
    branch: FencedBranch,
    input: Input,
    deadline: Deadline,
  ): Promise<Result> {
    const { xid, branchId } = branch;
    const value = await this.transactions.run<Result>(
      async ({ entityManager, dropConnection }) => {
        try {
          await fenceRows.insert(entityManager, branch, name, FENCE_STATUS.TRIED);
        } catch (error) {
          if (isDuplicateEntry(error)) throw new TccSuspendedError(xid, branchId, name, { cause: error });
          throw error;
        }
        const call: TccCall<Input> = { entityManager, input, xid, branchId };
        const result = await action.try(call);
        await this.faults.at('service:seata.tcc.try-executed', { txNo: xid, dropConnection });
        return { decision: 'COMMIT', value: result };
      },
      {
        deadline,
        txNos: [xid],
        beforeCommit: ({ dropConnection }) =>
          this.faults.at('service:seata.tcc.try-before-commit', { txNo: xid, dropConnection }),
      },
    );
    await this.faults.at('service:seata.tcc.tried', { txNo: xid });
    return value;
  }

  private fenceStatus(branch: FencedBranch, until: Deadline) {
    return this.transactions.autocommit(Math.min(PROBE_TIMEOUT_MS, until.remainingMs()), (manager) =>
      fenceRows.read(manager, branch),
    );
  }
}
