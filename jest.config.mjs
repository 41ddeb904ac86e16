import { LIMITS, preset } from './tools/test/jest.preset.mjs';

const tier = (displayName, suffix) => ({
  ...preset,
  displayName,
  testMatch: [`<rootDir>/{apps,libs,tools,e2e}/**/*.${suffix}.ts`],
});

/** The three tiers: `unit` needs no server, `integration` real MySQL and RocketMQ, `e2e` the services as processes. */
export default {
  reporters: ['default', '<rootDir>/tools/test/closing-line.reporter.mjs'],
  testSequencer: '<rootDir>/tools/test/slow-tiers-first.sequencer.mjs',
  ...LIMITS,
  projects: [tier('unit', 'spec'), tier('integration', 'int-spec'), tier('e2e', 'e2e-spec')],
};
