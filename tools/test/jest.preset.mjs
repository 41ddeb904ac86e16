import { spawnSync } from 'node:child_process';
import vm from 'node:vm';

// ESM modules in jest need this flag; restart once with it, so that a plain `npx jest` works.
if (!vm.SourceTextModule) {
  const child = spawnSync(
    process.execPath,
    ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', ...process.argv.slice(1)],
    { stdio: 'inherit' },
  );
  process.exit(child.status ?? 1);
}

/**
 * Real servers and processes that are killed and come back take their time, and so does a machine that is busy with
 * other things; every wait inside a test has its own deadline.
 */
export const TEST_TIMEOUT_MS = 180_000;

/** Of a whole run. */
export const LIMITS = {
  testTimeout: TEST_TIMEOUT_MS,
  maxWorkers: 2,
  // ESM modules of finished suites stay in memory (up to 3 GB a worker): between two suites a worker this large is replaced.
  workerIdleMemoryLimit: '1GB',
};

export const preset = {
  setupFiles: ['reflect-metadata'],
  extensionsToTreatAsEsm: ['.ts'],
  testEnvironment: 'node',
  testEnvironmentOptions: { customExportConditions: ['txmsg-source', 'node', 'node-addons'] },
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  testPathIgnorePatterns: ['/node_modules/', '/dist/'],
  modulePathIgnorePatterns: ['/dist/', '/.stack/'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2023',
          parser: { syntax: 'typescript', decorators: true },
          transform: {
            legacyDecorator: true,
            decoratorMetadata: true,
            useDefineForClassFields: false,
            verbatimModuleSyntax: true,
          },
        },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
};

/** The configuration of a run of its own beside `npm test`. @param testMatch - globs below the repository */
export const runOf = (testMatch) => ({
  ...preset,
  rootDir: '../..',
  reporters: ['default', '<rootDir>/tools/test/closing-line.reporter.mjs'],
  ...LIMITS,
  testMatch: testMatch.map((glob) => `<rootDir>/${glob}`),
});
