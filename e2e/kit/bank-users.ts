import { randomBytes } from 'node:crypto';
import { BANKS, type Bank } from '@txmsg/contracts';
import { rightsOf } from '@txmsg/service/provisioning';
import type { RocketmqAdmin, RocketmqCredentials } from 'txmsg/admin';
import { userSettings } from './servers.js';
import type { TestBanks } from './test-banks.js';

/** Both banks as users of a RocketMQ whose access control is on, each with rights on what is its own. */
export class BankUsers {
  private constructor(
    private readonly admin: RocketmqAdmin,
    private readonly banks: TestBanks,
    private readonly users: Readonly<Record<Bank, RocketmqCredentials>>,
  ) {}

  static async create(admin: RocketmqAdmin, banks: TestBanks): Promise<BankUsers> {
    const user = (bank: Bank): RocketmqCredentials => ({ accessKey: bank, accessSecret: newSecret() });
    const users = new BankUsers(admin, banks, { bank1: user('bank1'), bank2: user('bank2') });
    for (const bank of BANKS) {
      await users.restore(bank);
      await users.grant(bank);
    }
    return users;
  }

  of(bank: Bank): RocketmqCredentials {
    return this.users[bank];
  }

  /** The settings of a bank that is this user. */
  settings(bank: Bank): ReturnType<typeof userSettings> {
    return userSettings(this.users[bank]);
  }

  /** RocketMQ knows another secret of this user from now on. */
  change(bank: Bank): Promise<void> {
    return this.admin.putUser({ ...this.users[bank], accessSecret: newSecret() });
  }

  /** RocketMQ knows the secret that the bank has. */
  restore(bank: Bank): Promise<void> {
    return this.admin.putUser(this.users[bank]);
  }

  /** What the bank needs, and nothing else. */
  grant(bank: Bank): Promise<void> {
    return this.admin.addRights(bank, rightsOf(this.banks.ownNames(bank)));
  }

  revoke(bank: Bank): Promise<void> {
    return this.admin.deleteRights(bank);
  }
}

export function newSecret(): string {
  return `secret-${randomBytes(12).toString('hex')}`;
}
