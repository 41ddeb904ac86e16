import { Injectable } from '@nestjs/common';
import type { Deadline } from 'txmsg';
import type { FaultInjector } from 'txmsg/faults';
import type { CoordinatorChannel } from '../channel/index.js';
import {
  CoordinatorRefusedError,
  GlobalLockConflictError,
  GlobalTransactionOverError,
} from '../errors/index.js';
import { BRANCH_TYPE_CODES, EXCEPTION_CODES, type CallResult } from '../wire/index.js';
import type { BranchType } from './branch.js';

/** What the coordinator is told of a new branch. */
export interface BranchRegistration {
  readonly xid: string;
  readonly branchType: BranchType;
  readonly resourceId: string;
  /** AT: the rows that it has changed: `table:pk1,pk2;table2:…`. */
  readonly lockKey?: string;
  /** Given back in phase two. Up to 2000 characters fit every store of the coordinator. */
  readonly applicationData?: string;
}

/** Rows of a database, as the coordinator names them. */
export interface LockQuery {
  readonly xid: string;
  readonly resourceId: string;
  readonly lockKey: string;
}

/** Throws GlobalTransactionOverError in code that outlived this global transaction. */
export type OverGuard = (xid: string) => void;

/** Tells the coordinator of branches, over the RM's connection. */
@Injectable()
export class BranchRegistrar {
  constructor(
    private readonly channel: Pick<CoordinatorChannel, 'call'>,
    private readonly faults: FaultInjector,
    private readonly refuseWhenOver: OverGuard,
    /** How long one call may take, in ms, within the deadline of its caller. */
    private readonly callTimeoutMs: number,
  ) {}

  /**
   * Registers a branch, and takes the global locks of its rows. To be called within `branch(…)` of the global transaction, as
   * phase one of the branch is, so that a missing `await` is found. A branch whose registration is unknown is rolled back with the
   * others when its global transaction is; its phase one must not commit.
   * @returns the branch's id
   * @throws GlobalLockConflictError, GlobalTransactionOverError, CoordinatorUnavailableError (not sent), CoordinatorTimeoutError (unknown), CoordinatorRefusedError
   */
  async register(registration: BranchRegistration, deadline: Deadline): Promise<bigint> {
    const { xid, branchType, resourceId, lockKey = '', applicationData = '' } = registration;
    await this.faults.at('service:seata.rm.before-register', { txNo: xid });
    this.refuseWhenOver(xid);
    const { result, branchId } = await this.channel.call(
      {
        type: 'BranchRegister',
        ...{ xid, branchType: BRANCH_TYPE_CODES[branchType], resourceId, lockKey, applicationData },
      },
      deadline.atMost(this.callTimeoutMs),
    );
    if (!result.ok) throw refusal('BranchRegister', { xid, resourceId, lockKey }, result);
    await this.faults.at('service:seata.rm.registered', { txNo: xid });
    return branchId;
  }

  /**
   * True when no other global transaction holds these rows.
   * @throws GlobalTransactionOverError, CoordinatorUnavailableError, CoordinatorTimeoutError, CoordinatorRefusedError
   */
  async lockQuery(query: LockQuery, deadline: Deadline): Promise<boolean> {
    const { result, lockable } = await this.channel.call(
      { type: 'LockQuery', ...query, branchType: BRANCH_TYPE_CODES.AT, applicationData: '' },
      deadline.atMost(this.callTimeoutMs),
    );
    if (result.ok) return lockable !== 0;
    const error = refusal('LockQuery', query, result);
    if (error instanceof GlobalLockConflictError) return false;
    throw error;
  }
}

function refusal(
  call: string,
  { xid, resourceId, lockKey }: LockQuery,
  { exceptionCode, message }: CallResult,
): Error {
  switch (exceptionCode) {
    case EXCEPTION_CODES.LOCK_KEY_CONFLICT:
    case EXCEPTION_CODES.LOCK_KEY_CONFLICT_FAIL_FAST: {
      const holderRollsBack = exceptionCode === EXCEPTION_CODES.LOCK_KEY_CONFLICT_FAIL_FAST;
      return new GlobalLockConflictError(xid, resourceId, lockKey, holderRollsBack, message);
    }
    case EXCEPTION_CODES.GLOBAL_TRANSACTION_NOT_EXIST:
    case EXCEPTION_CODES.GLOBAL_TRANSACTION_NOT_ACTIVE:
    case EXCEPTION_CODES.GLOBAL_TRANSACTION_STATUS_INVALID:
      return new GlobalTransactionOverError(xid, 'COORDINATOR', message);
    default:
      return new CoordinatorRefusedError(call, exceptionCode, message);
  }
}
