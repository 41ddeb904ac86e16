import 'reflect-metadata';
import { readFileSync } from 'node:fs';
import { SERVICES, variablePrefix, type Service, type ServiceName } from '@txmsg/contracts';
import { RocketmqAdmin, type RocketmqCredentials } from 'txmsg/admin';
import { putServiceUser, readServiceUser } from './service-users.js';
import { createTopicsAndGroups } from './topics.js';

/** A broker that has just started registers with the name server after some seconds, a busy one later. */
const BROKER_DEADLINE_MS = 60_000;
const CALL_TIMEOUT_MS = 15_000;

/**
 * `ROCKETMQ_NAMESRV=host:port node dist/provisioning/main.js`: waits for a broker and gives it the topics and groups
 * of every service. Where access control is on, `ROCKETMQ_ADMINISTRATOR_SECRET_FILE` holds the secret of the user
 * `administrator`, and `<NAME>_ENV_FILE` the settings of a service with its user, which is made; services without such a
 * file are left out.
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
    const services = credentials ? servicesWithSettings(environment) : SERVICES;
    await createTopicsAndGroups(admin, services);
    for (const service of credentials ? services : []) {
      await putServiceUser(admin, service, readServiceUser(settingsFile(service, environment) ?? ''));
    }
    const names = services.map(({ name }) => name).join(', ');
    process.stdout.write(`The topics and groups${credentials ? ' and users' : ''} of ${names} are there.\n`);
  } finally {
    admin.close();
  }
}

function readAdministrator(file: string | undefined): RocketmqCredentials | undefined {
  if (!file) return undefined;
  return { accessKey: 'administrator', accessSecret: readFileSync(file, 'utf8').trim() };
}

/** A service without a file does not run here: a user with a secret that nobody has set would be an open door. */
function servicesWithSettings(environment: NodeJS.ProcessEnv): Service<ServiceName>[] {
  const services = SERVICES.filter((service) => settingsFile(service, environment) !== undefined);
  if (services.length > 0) return services;
  throw new Error("None of the variables <NAME>_ENV_FILE is set: each is the path of a service's settings.");
}

function settingsFile({ name }: Service<ServiceName>, environment: NodeJS.ProcessEnv): string | undefined {
  const file = environment[`${variablePrefix(name)}_ENV_FILE`];
  return file === '' ? undefined : file;
}

try {
  await main(process.env);
} catch (error) {
  const reason = error instanceof Error ? error.message : String(error);
  process.stderr.write(`The topics, groups and users could not be made: ${reason}\n`);
  process.exitCode = 1;
}
