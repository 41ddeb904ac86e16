import { readFileSync } from 'node:fs';
import { preset, TEST_TIMEOUT_MS } from '../test/jest.preset.mjs';

// Only the files of the secrets know them.
const secret = (name) => readFileSync(`/run/secrets/${name}`, 'utf8').trim();
Object.assign(process.env, {
  MYSQL_ROOT_URL: `mysql://root:${encodeURIComponent(secret('mysql-root-password'))}@mysql:3306`,
  ROCKETMQ_ENDPOINTS: 'proxy:8081',
  ROCKETMQ_NAMESRV: 'namesrv:9876',
  ROCKETMQ_ADMINISTRATOR_SECRET: secret('rocketmq-administrator'),
});

/**
 * Suites that make banks of their own, here on the servers in containers: MySQL 8.4 and a separate proxy. Not those
 * that start servers, or need a broker that asks about half messages sooner than this one.
 */
const SUITES = 'audit,bad-input,bank2-crash,one-tx-no,redelivery,results,transfer';

/** What runs in the container of the profile `e2e`: tests of the running banks, and of others on their servers. */
export default {
  ...preset,
  rootDir: '../..',
  reporters: ['default', '<rootDir>/tools/test/closing-line.reporter.mjs'],
  maxWorkers: 1,
  testMatch: ['<rootDir>/tools/compose/*.compose-spec.ts', `<rootDir>/e2e/{${SUITES}}.e2e-spec.ts`],
  testTimeout: TEST_TIMEOUT_MS,
};
