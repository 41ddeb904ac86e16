import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import type { Service } from '@txmsg/contracts';
import type { RocketmqAdmin, RocketmqCredentials } from 'txmsg/admin';
import { rightsOf } from './service-rights.js';

/**
 * Makes a service's user at every broker, with this secret and with the rights that the service needs.
 * @throws RocketmqAdminError when name server or broker are away or refuse
 */
export async function putServiceUser(
  admin: RocketmqAdmin,
  service: Service,
  credentials: RocketmqCredentials,
): Promise<void> {
  await admin.putUser(credentials);
  await admin.addRights(credentials.accessKey, rightsOf(service));
}

/** The user of a service, from the file that holds its settings. @throws Error naming file and setting */
export function readServiceUser(file: string): RocketmqCredentials {
  const { ROCKETMQ_ACCESS_KEY, ROCKETMQ_ACCESS_SECRET } = parseEnv(readFileSync(file, 'utf8'));
  if (!ROCKETMQ_ACCESS_KEY || !ROCKETMQ_ACCESS_SECRET) {
    throw new Error(`${file} must have the lines ROCKETMQ_ACCESS_KEY=… and ROCKETMQ_ACCESS_SECRET=…`);
  }
  return { accessKey: ROCKETMQ_ACCESS_KEY, accessSecret: ROCKETMQ_ACCESS_SECRET };
}
