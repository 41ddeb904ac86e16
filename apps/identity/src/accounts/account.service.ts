import { Injectable } from '@nestjs/common';
import type { TwoPhasePattern } from '@txmsg/contracts';
import { AtTransactions, currentGlobalTransaction, NoGlobalTransactionError } from '@txmsg/seata';
import { BoundedRead } from '@txmsg/service';
import { FaultInjector } from 'txmsg/faults';
import { PasswordHasher } from '../passwords/password.hasher.js';
import type { AccountOrder } from './account.js';
import { accountRows } from './account.rows.js';
import { TccAccountAction } from './tcc-account.action.js';

/** Makes this service's branch of a registration. */
@Injectable()
export class AccountService {
  constructor(
    private readonly at: AtTransactions,
    private readonly action: TccAccountAction,
    private readonly passwords: PasswordHasher,
    private readonly read: BoundedRead,
    private readonly faults: FaultInjector,
  ) {}

  /**
   * @returns the global transaction of which the account is now a branch
   * @throws NoGlobalTransactionError; AccountRefusedError; whatever keeps the branch from being made
   */
  async make(
    pattern: TwoPhasePattern,
    order: AccountOrder,
    password: string,
  ): Promise<{ readonly xid: string }> {
    const global = currentGlobalTransaction();
    if (global === undefined) throw new NoGlobalTransactionError('an account');
    const { xid } = global;
    const { txNo } = order;
    await this.faults.at('service:account.received', { txNo });
    await this.read.run((manager) => accountRows.assertFree(manager, order));
    // Before the branch: a hash takes long, and nobody waits for a row or a global lock meanwhile.
    const account = { ...order, passwordHash: await this.passwords.hash(password) };
    if (pattern === 'AT') await this.at.run((manager) => accountRows.insert(manager, account, 'AT', xid));
    else await this.action.reserve(account);
    await this.faults.at('service:account.made', { txNo });
    return { xid };
  }
}
