import { Injectable } from '@nestjs/common';
import type { Deadline } from 'txmsg';
import { CoordinatorUnavailableError } from '../errors/index.js';
import type { Branch, BranchType } from './branch.js';

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

/** Tells the coordinator of branches, over the RM's connection. */
@Injectable()
export class BranchRegistrar {
  /**
   * Registers a branch, and takes the global locks of its rows.
   * @returns the branch's id
   * @throws GlobalLockConflictError, GlobalTransactionOverError, CoordinatorUnavailableError (not sent), CoordinatorTimeoutError (unknown), CoordinatorRefusedError
   */
  register(request: BranchRegistration, deadline: Deadline): Promise<bigint> {
    return Promise.reject(notConnected('BranchRegister', request, deadline));
  }

  /** True when no other global transaction holds these rows. @throws as register() */
  lockQuery(
    request: { readonly xid: string; readonly resourceId: string; readonly lockKey: string },
    deadline: Deadline,
  ): Promise<boolean> {
    return Promise.reject(notConnected('LockQuery', request, deadline));
  }

  /** Tells that phase one of this branch failed. @throws CoordinatorUnavailableError, CoordinatorTimeoutError, CoordinatorRefusedError */
  reportPhaseOneFailed(
    branch: Pick<Branch, 'xid' | 'branchId' | 'branchType' | 'resourceId'>,
    deadline: Deadline,
  ): Promise<void> {
    return Promise.reject(notConnected('BranchReport', branch, deadline));
  }
}

function notConnected(call: string, _request: unknown, _deadline: Deadline): Error {
  return new CoordinatorUnavailableError(call, 'it is not connected');
}
