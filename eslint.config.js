import eslint from '@eslint/js';
import tseslint from 'typescript-eslint';

const floors = (allowed) => ({
  'no-restricted-imports': ['error', { patterns: allowed }],
});

/** The floors of libs/txmsg/src, lowest first: a folder imports only from its own floor and those below. */
const TXMSG_FLOORS = [
  ['errors', 'deadline', 'faults', 'limits'],
  ['broker', 'database'],
  ['barrier', 'outbox', 'dead-letter', 'retention', 'health', 'rocketmq', 'schema', 'admin'],
  ['transaction', 'consumer'],
];

const txmsgFloors = TXMSG_FLOORS.flatMap((folders, floor) => {
  const above = TXMSG_FLOORS.slice(floor + 1).flat();
  const forbidden = [
    ...above.map((folder) => `../${folder}/*`),
    '../testing/*',
    '../index.js',
    '../txmsg.module.js',
    '../txmsg.lifecycle.js',
    '@txmsg/*',
  ];
  return folders.map((folder) => ({
    files: [`libs/txmsg/src/${folder}/**/*.ts`],
    ignores: ['**/*.spec.ts', '**/*.int-spec.ts'],
    rules: floors([
      { group: forbidden, message: 'Imports go down the floors of docs/ARCHITECTURE.md, never up.' },
    ]),
  }));
});

export default tseslint.config(
  { ignores: ['**/dist/**', '**/node_modules/**', '.nx/**', '.stack/**', 'coverage/**'] },
  eslint.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true }],
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/consistent-type-imports': 'off',
      'no-console': 'error',
    },
  },
  { files: ['**/*.mjs', '*.js'], languageOptions: { globals: { process: 'readonly', console: 'readonly' } } },
  // Programs that people run talk to a terminal.
  { files: ['tools/**', 'e2e/**'], rules: { 'no-console': 'off' } },
  // Dependencies point one way: apps -> bank -> contracts, txmsg; txmsg -> nothing of ours.
  {
    files: ['libs/txmsg/**/*.ts'],
    rules: floors([{ group: ['@txmsg/*'], message: 'txmsg knows nothing of banks or tools.' }]),
  },
  ...txmsgFloors,
  // One adapter knows the client library.
  {
    files: ['libs/txmsg/src/**/*.ts'],
    ignores: ['libs/txmsg/src/rocketmq/**'],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              group: ['rocketmq-client-nodejs', '@grpc/*'],
              message: 'Only rocketmq/ knows the client library.',
            },
          ],
        },
      ],
    },
  },
  // What tests use stays out of what runs in production.
  {
    files: ['apps/*/src/**/*.ts', 'libs/*/src/**/*.ts'],
    ignores: ['libs/txmsg/src/**', '**/*.spec.ts', '**/*.int-spec.ts', '**/*.fixture.ts'],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        { patterns: [{ group: ['txmsg/testing'], message: 'Only tests import txmsg/testing.' }] },
      ],
    },
  },
  {
    files: ['libs/contracts/**/*.ts'],
    rules: floors([{ group: ['@txmsg/*', 'txmsg', 'txmsg/*'], message: 'contracts stand at the bottom.' }]),
  },
  {
    files: ['libs/bank/**/*.ts'],
    rules: floors([
      {
        group: ['@txmsg/bank1', '@txmsg/bank2', '@txmsg/tools', '@txmsg/e2e'],
        message: 'A library imports no app.',
      },
    ]),
  },
);
