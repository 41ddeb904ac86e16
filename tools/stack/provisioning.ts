import 'reflect-metadata';
import { SERVICES } from '@txmsg/contracts';
import { createServiceDatabase, createTopicsAndGroups } from '@txmsg/service/provisioning';
import { RocketmqAdmin } from 'txmsg/admin';
import { StackError } from './stack-error.js';
import { adminOptions, type StackSecurity } from './stack-security.js';

/** A freshly started broker on a busy machine takes its time. */
const ADMIN_TIMEOUT_MS = 15_000;

/** Every service's database, tables, account and seed data; repeating it changes nothing. */
export async function provisionDatabases(rootUrl: string): Promise<void> {
  try {
    for (const { name } of SERVICES) await createServiceDatabase(rootUrl, name);
  } catch (error) {
    const { host, username } = new URL(rootUrl);
    const what = `The databases of the services could not be made by account "${username}" of MySQL at ${host}`;
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
    await createTopicsAndGroups(admin, SERVICES);
  } catch (error) {
    const what = `The topics and groups of the services could not be made (name server ${namesrv})`;
    throw new StackError(`${what}: ${messageOf(error)}`, { cause: error });
  } finally {
    admin.close();
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
