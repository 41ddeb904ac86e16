import { exitCodeOf } from '../program.js';
import { SEATA_VERSIONS } from '../stack/seata-version.js';
import { runTests } from './test-run.js';

/**
 * `npm run test:seata [-- <jest arguments>]`: what has to do with the transaction coordinator, with every version of it, and
 * the suites that take too long for `npm test`.
 */
process.exitCode = await exitCodeOf((jestArguments) =>
  runTests(
    ['--config', 'tools/test/jest.seata.config.mjs', ...jestArguments],
    { SEATA_TEST_VERSIONS: SEATA_VERSIONS.join(',') },
    SEATA_VERSIONS,
  ),
);
