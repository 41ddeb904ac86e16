import { exitCodeOf } from '../program.js';
import { runTests } from './test-run.js';

/** `npm test [-- <jest arguments>]`: every tier on real servers. */
process.exitCode = await exitCodeOf((jestArguments) => runTests(jestArguments));
