import { preset, TEST_TIMEOUT_MS } from './jest.preset.mjs';

const places = [
  'libs/seata/**',
  'apps/seata-*/**',
  'apps/identity/**',
  'apps/user/**',
  'tools/stack/seata*',
  'e2e/seata*',
];
const suffixes = ['int-spec', 'e2e-spec', 'long-spec'];

/** `npm run test:seata`: a `*.long-spec.ts` runs here alone. */
export default {
  ...preset,
  rootDir: '../..',
  reporters: ['default', '<rootDir>/tools/test/closing-line.reporter.mjs'],
  maxWorkers: 2,
  testTimeout: TEST_TIMEOUT_MS,
  testMatch: places.flatMap((place) =>
    suffixes.map((suffix) => `<rootDir>/${place.endsWith('**') ? `${place}/*` : place}.${suffix}.ts`),
  ),
};
