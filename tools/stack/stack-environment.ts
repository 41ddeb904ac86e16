/** How applications reach the servers; also what `npm run stack -- env` prints. */
export interface StackEnvironment {
  readonly MYSQL_ROOT_URL: string;
  readonly BANK1_MYSQL_URL: string;
  readonly BANK2_MYSQL_URL: string;
  readonly ROCKETMQ_ENDPOINTS: string;
  readonly ROCKETMQ_NAMESRV: string;
}
