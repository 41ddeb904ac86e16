import { MysqlUrlError, parseMysqlUrl } from 'txmsg/mysql';
import { StackError } from './stack-error.js';

/** Servers that others run; the stack uses them instead of starting its own. */
export interface ExternalServers {
  /** An account that may create databases and accounts; a database in the path is ignored. */
  readonly mysqlUrl?: string;
  /** `host:port` of the proxy, for applications. */
  readonly rocketmqEndpoints?: string;
  /** `host:port` of the name server; without it topics and groups must be there already. */
  readonly rocketmqNamesrv?: string;
  /** `host:port` of a transaction coordinator. */
  readonly seataServer?: string;
}

export function externalServersOf(environment: NodeJS.ProcessEnv): ExternalServers {
  const { MYSQL_URL, ROCKETMQ_ENDPOINTS, ROCKETMQ_NAMESRV, SEATA_SERVER } = environment;
  return {
    ...(MYSQL_URL ? { mysqlUrl: withoutDatabase(MYSQL_URL) } : {}),
    ...(ROCKETMQ_ENDPOINTS ? { rocketmqEndpoints: ROCKETMQ_ENDPOINTS } : {}),
    ...(ROCKETMQ_ENDPOINTS && ROCKETMQ_NAMESRV ? { rocketmqNamesrv: ROCKETMQ_NAMESRV } : {}),
    ...(SEATA_SERVER ? { seataServer: SEATA_SERVER } : {}),
  };
}

function withoutDatabase(mysqlUrl: string): string {
  try {
    parseMysqlUrl(mysqlUrl);
  } catch (error) {
    if (!(error instanceof MysqlUrlError)) throw error;
    throw new StackError(
      `MYSQL_URL must be a URL like mysql://root:password@127.0.0.1:3306; it ${error.problem}.`,
    );
  }
  const url = new URL(mysqlUrl);
  url.pathname = '';
  return url.href;
}
