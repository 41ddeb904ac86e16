import type { MysqlUrlVariable } from '@txmsg/contracts';

/** How applications reach the servers; also what `npm run stack -- env` prints. */
export type StackEnvironment = Readonly<
  Record<'MYSQL_ROOT_URL' | MysqlUrlVariable | 'ROCKETMQ_ENDPOINTS' | 'ROCKETMQ_NAMESRV', string>
> & {
  /** `host:port` of the transaction coordinator, while the stack has one. */
  readonly SEATA_SERVER?: string;
};
