import 'reflect-metadata';
import { createBankDatabase, createTopicsAndGroups } from '@txmsg/bank/provisioning';
import { RocketmqAdmin } from 'txmsg/admin';
import { StackError } from './stack-error.js';
import { adminOptions, type StackSecurity } from './stack-security.js';

/** A freshly started broker on a busy machine takes its time. */
const ADMIN_TIMEOUT_MS = 15_000;

/** Both banks' databases, tables, accounts and seed data; repeating it changes nothing. */
export async function provisionDatabases(rootUrl: string): Promise<void> {
  try {
    await createBankDatabase(rootUrl, 'bank1');
    await createBankDatabase(rootUrl, 'bank2');
  } catch (error) {
    const { host, username } = new URL(rootUrl);
    const what = `The databases of the banks could not be made by account "${username}" of MySQL at ${host}`;
    throw new StackError(
      `${what}, which must be allowed to create databases and accounts: ${messageOf(error)}`,
      {
        cause: error,
      },
    );
  }
}

/** Topics and groups; repeating it changes nothing. */
export async function provisionTopics(namesrv: string, security: StackSecurity = {}): Promise<void> {
  const admin = new RocketmqAdmin({ namesrv, timeoutMs: ADMIN_TIMEOUT_MS, ...adminOptions(security) });
  try {
    await createTopicsAndGroups(admin);
  } catch (error) {
    const what = `The topics and groups of the banks could not be made (name server ${namesrv})`;
    throw new StackError(`${what}: ${messageOf(error)}`, { cause: error });
  } finally {
    admin.close();
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
