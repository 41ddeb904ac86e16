import { Injectable } from '@nestjs/common';
import { AtTransactions } from '@txmsg/seata';
import type { NewUserAccount } from './account-registration.js';
import { accountRegistrationRows } from './account-registration.rows.js';
import { insertUser } from './new-user.js';

/**
 * Phase one of a user under AT: they are inserted at once, and deleted when the global transaction is rolled back. No message
 * is published about them: under AT it could go out before a rollback takes the user back.
 */
@Injectable()
export class AtUser {
  constructor(private readonly at: AtTransactions) {}

  /** @throws AccountRegistrationRefusedError, AccountRegistrationOverError, and what AtTransactions.run throws */
  async run(user: NewUserAccount, xid: string): Promise<void> {
    const { txNo } = user;
    await this.at.run(
      async (manager) => {
        await accountRegistrationRows.commit(manager, { txNo, xid });
        await insertUser(manager, user);
      },
      {
        committedRow: async (manager) => {
          const row = await accountRegistrationRows.find(manager, txNo);
          return row?.xid === xid && row.state === 'COMMITTED';
        },
      },
    );
  }
}
