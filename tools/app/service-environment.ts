import { hasMessages, mysqlUrlVariable, serviceNamed, type ServiceName } from '@txmsg/contracts';
import { isLoopback } from '@txmsg/service';
import type { LocalStack } from '../stack/local-stack.js';
import { StackError } from '../stack/stack-error.js';
import { adminTokenFor } from '../../e2e/kit/admin-token.js';

/**
 * The settings of a service's process: what the caller's environment says, and for servers that it does not name,
 * those of the local stack; likewise the admin token, and metrics.
 */
export function serviceEnvironment(
  service: ServiceName,
  stack: LocalStack,
  given: NodeJS.ProcessEnv,
): NodeJS.ProcessEnv {
  const fromStack = stackSettings(service, stack, given);
  return { ...fromStack, ...metricsFor(given), ...definedOnly(given), ...adminTokenSetting(given, stack) };
}

/** The admin routes are open to whoever has the stack's token, unless the caller names a file with another one. */
export function adminTokenSetting(given: NodeJS.ProcessEnv, stack: LocalStack): NodeJS.ProcessEnv {
  return given.ADMIN_TOKEN_FILE ? {} : { ADMIN_TOKEN: adminTokenFor(given, stack.directory) };
}

/** A service that only this machine reaches serves metrics without being asked to. */
export function metricsFor({ HOST: host, METRICS_ENABLED: given }: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return !given && (!host || isLoopback(host)) ? { METRICS_ENABLED: 'true' } : {};
}

function stackSettings(service: ServiceName, stack: LocalStack, given: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const addressVariable = given.ROCKETMQ_TRANSPORT === 'remoting' ? 'ROCKETMQ_NAMESRV' : 'ROCKETMQ_ENDPOINTS';
  const { usesSeata, ...listed } = serviceNamed(service);
  const needed = [
    ...(given.MYSQL_URL || given.MYSQL_URL_FILE ? [] : (['mysql'] as const)),
    ...(given[addressVariable] || !hasMessages(listed) ? [] : (['namesrv', 'broker'] as const)),
    ...(given.SEATA_SERVER || !usesSeata ? [] : (['seata'] as const)),
  ];
  if (needed.length === 0) return {};
  const missing = needed.filter((name) => !stack.isRunning(name));
  if (missing.length > 0) {
    const withSeata = missing.includes('seata') ? ' --with seata' : '';
    throw new StackError(
      `${service} needs the local stack, and there is no running ${missing.join(', ')}: ` +
        `"npm run stack -- up${withSeata}" starts it.`,
    );
  }
  const { [mysqlUrlVariable(service)]: mysqlUrl, ...environment } = stack.env();
  const { ROCKETMQ_ENDPOINTS, ROCKETMQ_NAMESRV, SEATA_SERVER } = environment;
  return {
    ...(given.MYSQL_URL_FILE ? {} : { MYSQL_URL: mysqlUrl }),
    ...{ ROCKETMQ_ENDPOINTS, ROCKETMQ_NAMESRV },
    ...(needed.includes('seata') && { SEATA_SERVER }),
  };
}

/** A variable that is set to nothing counts as not set. */
function definedOnly(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([, value]) => value));
}
