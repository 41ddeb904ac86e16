import type { RocketmqCredentials } from 'txmsg/admin';
import type { StackSecurity } from '../../tools/stack/stack-security.js';

/** The real servers that a test runs against. */
export interface Servers {
  readonly mysqlRootUrl: string;
  /** The proxy, which the banks connect to. */
  readonly endpoints: string;
  readonly namesrv: string;
  /** How RocketMQ is locked. @default not at all */
  readonly security?: StackSecurity;
  /** The RocketMQ user of banks and senders, where a test names none. @default no user */
  readonly user?: RocketmqCredentials;
}

/** The settings of a bank that is this user. */
export function userSettings({ accessKey, accessSecret }: RocketmqCredentials) {
  return { ROCKETMQ_ACCESS_KEY: accessKey, ROCKETMQ_ACCESS_SECRET: accessSecret };
}

/** Those of `npm test`, or of the containers, where RocketMQ is locked. */
export function sharedServers(): Servers {
  const secret = process.env.ROCKETMQ_ADMINISTRATOR_SECRET;
  const administrator = secret ? { accessKey: 'administrator', accessSecret: secret } : undefined;
  return {
    ...(administrator && { security: { administrator }, user: administrator }),
    mysqlRootUrl: required('MYSQL_ROOT_URL'),
    endpoints: required('ROCKETMQ_ENDPOINTS'),
    namesrv: required('ROCKETMQ_NAMESRV'),
  };
}

function required(name: string): string {
  const value = process.env[name];
  if (value) return value;
  throw new Error(`${name} is not set: run the tests with "npm test", which starts the servers.`);
}
