import { mysqlUrlVariable, type ServiceName } from '@txmsg/contracts';
import type { LocalStack } from '../../tools/stack/local-stack.js';
import { StackError } from '../../tools/stack/stack-error.js';
import { adminTokenFor } from './admin-token.js';

/**
 * The settings of a service's process: what the caller's environment says, and for servers that it does not name,
 * those of the local stack; likewise the admin token.
 */
export function serviceEnvironment(
  service: ServiceName,
  stack: LocalStack,
  given: NodeJS.ProcessEnv,
): NodeJS.ProcessEnv {
  const fromStack = stackSettings(service, stack, given);
  const token = given.ADMIN_TOKEN_FILE ? {} : { ADMIN_TOKEN: adminTokenFor(given, stack.directory) };
  return { ...fromStack, ...definedOnly(given), ...token };
}

function stackSettings(service: ServiceName, stack: LocalStack, given: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const addressVariable = given.ROCKETMQ_TRANSPORT === 'remoting' ? 'ROCKETMQ_NAMESRV' : 'ROCKETMQ_ENDPOINTS';
  const needed = [
    ...(given.MYSQL_URL || given.MYSQL_URL_FILE ? [] : (['mysql'] as const)),
    ...(given[addressVariable] ? [] : (['namesrv', 'broker'] as const)),
  ];
  if (needed.length === 0) return {};
  const missing = needed.filter((name) => !stack.isRunning(name));
  if (missing.length > 0) {
    throw new StackError(
      `${service} needs the local stack, and there is no running ${missing.join(', ')}: ` +
        '"npm run stack -- up" starts it.',
    );
  }
  const { [mysqlUrlVariable(service)]: mysqlUrl, ROCKETMQ_ENDPOINTS, ROCKETMQ_NAMESRV } = stack.env();
  return { ...(given.MYSQL_URL_FILE ? {} : { MYSQL_URL: mysqlUrl }), ROCKETMQ_ENDPOINTS, ROCKETMQ_NAMESRV };
}

/** A variable that is set to nothing counts as not set. */
function definedOnly(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([, value]) => value));
}
