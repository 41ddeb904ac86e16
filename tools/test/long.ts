import { exitCodeOf } from '../program.js';
import { runTests } from './test-run.js';

/**
 * `npm run test:long [-- <jest arguments>]`: what takes too long for `npm test`, and has nothing to do with the transaction
 * coordinator (`npm run test:seata`): services are killed at every fault point that they pass, and outages last.
 */
process.exitCode = await exitCodeOf((jestArguments) =>
  runTests(['--config', 'tools/test/jest.long.config.mjs', ...jestArguments], {
    TXMSG_TEST_EVERY_POINT: '1',
  }),
);
