import 'reflect-metadata';
import { readFileSync } from 'node:fs';
import { SERVICES, variablePrefix } from '@txmsg/contracts';
import { RocketmqAdmin, type RocketmqCredentials } from 'txmsg/admin';
import { putServiceUser, readServiceUser } from './service-users.js';
import { createTopicsAndGroups } from './topics.js';

/** A broker that has just started registers with the name server after some seconds, a busy one later. */
const BROKER_DEADLINE_MS = 60_000;
const CALL_TIMEOUT_MS = 15_000;
const NAMES = SERVICES.map(({ name }) => name).join(', ');

/**
 * `ROCKETMQ_NAMESRV=host:port node dist/provisioning/main.js`: waits for a broker and gives it the topics and groups
 * of every service. Where access control is on, `ROCKETMQ_ADMINISTRATOR_SECRET_FILE` holds the secret of the user
 * `administrator`, and for each service `<NAME>_ENV_FILE` the settings with its user, which is made.
 */
async function main(environment: NodeJS.ProcessEnv): Promise<void> {
  const { ROCKETMQ_NAMESRV, ROCKETMQ_ADMINISTRATOR_SECRET_FILE } = environment;
  if (!ROCKETMQ_NAMESRV)
    throw new Error('ROCKETMQ_NAMESRV is not set: it must be the host:port of the name server.');
  const credentials = readAdministrator(ROCKETMQ_ADMINISTRATOR_SECRET_FILE);
  const options = { namesrv: ROCKETMQ_NAMESRV, timeoutMs: CALL_TIMEOUT_MS };
  const admin = new RocketmqAdmin({ ...options, ...(credentials && { credentials }) });
  try {
    await admin.whenBrokerRegistered(BROKER_DEADLINE_MS);
    await createTopicsAndGroups(admin, SERVICES);
    if (credentials) {
      for (const service of SERVICES) {
        const file = required(environment, `${variablePrefix(service.name)}_ENV_FILE`);
        await putServiceUser(admin, service, readServiceUser(file));
      }
    }
    process.stdout.write(`The topics and groups${credentials ? ' and users' : ''} of ${NAMES} are there.\n`);
  } finally {
    admin.close();
  }
}

function readAdministrator(file: string | undefined): RocketmqCredentials | undefined {
  if (!file) return undefined;
  return { accessKey: 'administrator', accessSecret: readFileSync(file, 'utf8').trim() };
}

function required(environment: NodeJS.ProcessEnv, name: string): string {
  const value = environment[name];
  if (!value) throw new Error(`${name} is not set: it must be the path of the service's settings.`);
  return value;
}

try {
  await main(process.env);
} catch (error) {
  const reason = error instanceof Error ? error.message : String(error);
  process.stderr.write(`The topics, groups and users of ${NAMES} could not be made: ${reason}\n`);
  process.exitCode = 1;
}
