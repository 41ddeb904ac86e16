import { Inject, Injectable } from '@nestjs/common';
import { Deadline } from 'txmsg';
import { AtIsOffError } from '../errors/at.errors.js';
import { GlobalLockConflictError } from '../errors/index.js';
import { BranchRegistrar } from '../rm/branch.registrar.js';
import type { AtSettings } from './at.options.js';
import { AT_SETTINGS } from './at.tokens.js';

const TIMEOUT_MS = 5000;

/**
 * For code that changes rows outside of AT which AT changes too, such as the methods of a TCC action: Seata's `@GlobalLock`.
 * Without this question it could change a row that a rollback under AT would then refuse to restore.
 */
@Injectable()
export class GlobalLocks {
  constructor(
    private readonly registrar: BranchRegistrar,
    @Inject(AT_SETTINGS) private readonly settings: AtSettings,
  ) {}

  /**
   * Returns when no global transaction holds this row under AT; waits 5 s at most for the coordinator. Lock the row itself
   * first, by SELECT … FOR UPDATE in the same database transaction: then none can take it before that has ended.
   * @param primaryKey - as the row stores it, which may differ from what found it under a collation that is not binary; as text,
   * the parts of a composite key in their order, joined by `_`
   * @throws GlobalLockConflictError: roll back, and try again after a pause; AtIsOffError; the errors of the coordinator
   */
  async assertFree(xid: string, table: string, primaryKey: string): Promise<void> {
    const { resourceId, isOn } = this.settings;
    if (!isOn) throw new AtIsOffError('GlobalLocks.assertFree');
    const lockKey = `${table}:${primaryKey}`;
    if (await this.registrar.lockQuery({ xid, resourceId, lockKey }, Deadline.in(TIMEOUT_MS))) return;
    throw new GlobalLockConflictError(xid, resourceId, lockKey, false, 'a row under AT was asked for.');
  }
}
