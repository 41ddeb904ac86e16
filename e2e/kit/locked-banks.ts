import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bank } from '@txmsg/contracts';
import type { RocketmqAdmin } from 'txmsg/admin';
import type { ServiceProcess } from './service-process.js';
import { BankUsers, newSecret } from './bank-users.js';
import { makeCertificates } from './certificates.js';
import { OwnServers } from './own-servers.js';
import { TestBanks } from './test-banks.js';

/** Banks with users of their own at a RocketMQ of their own that speaks TLS only and knows its users. */
export class LockedBanks {
  private constructor(
    /** For further certificates. */
    readonly directory: string,
    readonly own: OwnServers,
    readonly banks: TestBanks,
    readonly admin: RocketmqAdmin,
    readonly users: BankUsers,
    readonly authorityFile: string,
  ) {}

  static async create(name: string): Promise<LockedBanks> {
    const directory = mkdtempSync(join(tmpdir(), 'txmsg-certificates-'));
    const tls = await makeCertificates(join(directory, 'right'));
    const administrator = { accessKey: 'administrator', accessSecret: newSecret() };
    const own = await OwnServers.start({}, { administrator, tls });
    const banks = await TestBanks.create(name, own.servers);
    const admin = banks.admin();
    const users = await BankUsers.create(admin, banks);
    return new LockedBanks(directory, own, banks, admin, users, tls.authorityFile);
  }

  launch(bank: Bank, settings: Readonly<Record<string, string>>): ServiceProcess {
    return this.banks.launch(bank, { ...this.users.settings(bank), ...settings });
  }

  async close(): Promise<void> {
    this.admin.close();
    await this.banks.close();
    await this.own.stop();
    rmSync(this.directory, { recursive: true });
  }
}
