import eslint from '@eslint/js';
import tseslint from 'typescript-eslint';

const PROGRAMS = {
  group: ['**/tools/**', '**/e2e/**', '@txmsg/tools', '@txmsg/e2e'],
  message: 'What services and libraries are made of knows neither tools nor tests of whole services.',
};

const floors = (forbidden) => ({
  'no-restricted-imports': ['error', { patterns: [PROGRAMS, ...forbidden] }],
});

/** The floors of libs/txmsg/src, lowest first: a folder imports only from its own floor and those below. */
const TXMSG_FLOORS = [
  ['errors', 'deadline', 'faults', 'limits', 'telemetry'],
  ['options'],
  ['broker', 'database'],
  ['rocketmq'],
  ['barrier', 'batching', 'outbox', 'retention', 'reconciliation', 'jobs'],
  ['transaction', 'consumer'],
  ['dead-letter'],
  ['gauges', 'health'],
];

/** Entries of their own, for administrators and for users' tests: no other folder of the library imports them. */
const TXMSG_ENTRIES = ['admin', 'schema', 'cli', 'testing'];

/** A folder may be two levels deep (rocketmq/grpc). */
const importsOf = (folder) => [`../${folder}/*`, `../../${folder}/*`];
const TXMSG_TOP = [
  'index.js',
  'building-blocks.js',
  'configuration-problems.js',
  'listener.discovery.js',
  'txmsg.*.js',
].flatMap((file) => [`../${file}`, `../../${file}`]);

const txmsgFloor = (folder, aboveOrApart) => ({
  files: [`libs/txmsg/src/${folder}/**/*.ts`],
  ignores: ['**/*.spec.ts', '**/*.int-spec.ts'],
  rules: floors([
    {
      group: [...aboveOrApart.flatMap(importsOf), ...TXMSG_TOP, '@txmsg/*'],
      message: 'Imports go down the floors of docs/ARCHITECTURE.md, never up, and never into the entries.',
    },
  ]),
});

const txmsgFloors = [
  ...TXMSG_FLOORS.flatMap((folders, floor) => {
    const above = TXMSG_FLOORS.slice(floor + 1).flat();
    return folders.map((folder) => txmsgFloor(folder, [...above, ...TXMSG_ENTRIES]));
  }),
  ...TXMSG_ENTRIES.map((entry) =>
    txmsgFloor(
      entry,
      // The program prints the schema.
      TXMSG_ENTRIES.filter((other) => other !== entry && !(entry === 'cli' && other === 'schema')),
    ),
  ),
  {
    files: ['libs/txmsg/src/*.ts'],
    ignores: ['**/*.spec.ts', '**/*.int-spec.ts'],
    rules: floors([
      {
        group: [...TXMSG_ENTRIES.map((entry) => `./${entry}/*`), '@txmsg/*'],
        message: 'These folders are entries of their own; no other folder of the library imports them.',
      },
    ]),
  },
];

/** The floors of libs/seata/src, lowest first. */
const SEATA_FLOORS = [
  ['errors', 'telemetry'],
  ['wire'],
  ['channel'],
  ['rm'],
  ['tm'],
  ['http', 'tcc', 'at'],
  ['health'],
];

const seataFloors = SEATA_FLOORS.flatMap((folders, floor) =>
  folders.map((folder) => ({
    files: [`libs/seata/src/${folder}/**/*.ts`],
    ignores: ['**/*.spec.ts', '**/*.int-spec.ts'],
    rules: floors([
      {
        group: [
          ...SEATA_FLOORS.slice(floor + 1)
            .flat()
            .flatMap(importsOf),
          ...['index.js', 'seata.*.js'].flatMap((file) => [`../${file}`, `../../${file}`]),
          '@txmsg/*',
        ],
        message: 'Imports go down the floors of docs/ARCHITECTURE.md, never up.',
      },
    ]),
  })),
);

/**
 * Words of the trades that services here are about. `order`, `user` and `account` alone are also words of MySQL, of
 * RocketMQ and of plain English (ORDER BY, a broker's user, a database account), so these count only as a part of a name
 * and, for `orders`, in the plural. `transfer-encoding` is HTTP's, `TRANSFER_FLAG` RocketMQ's.
 */
const TRADE_WORDS = [
  /bank|transfer(?!-encoding|_FLAG)|payer|payee|repayment|stock(?!et)|\borders\b|_order\b/gi,
  /(?:order|user|account)_?(?:no|id|info)\b/gi,
  /\bOrder(?=[A-Z])/g,
];

/** Looks at the text of a file as it is: identifiers, strings and comments alike. */
const noTradeWords = {
  meta: { type: 'problem', schema: [] },
  create: (context) => ({
    Program() {
      const { text } = context.sourceCode;
      const placeOf = (index) => context.sourceCode.getLocFromIndex(index);
      for (const { 0: word, index } of TRADE_WORDS.flatMap((words) => [...text.matchAll(words)])) {
        context.report({
          loc: { start: placeOf(index), end: placeOf(index + word.length) },
          message: `"${word}" is a word of one trade, and this library serves them all.`,
        });
      }
    },
  }),
};

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
  // Dependencies point one way: apps -> bank -> service -> contracts, txmsg; txmsg -> nothing of ours.
  {
    files: ['libs/txmsg/**/*.ts'],
    rules: floors([{ group: ['@txmsg/*'], message: 'txmsg knows nothing of services or tools.' }]),
  },
  ...txmsgFloors,
  {
    files: ['libs/webhooks/**/*.ts'],
    rules: floors([{ group: ['@txmsg/*'], message: 'webhooks stands on txmsg alone.' }]),
  },
  {
    files: ['libs/seata/**/*.ts'],
    rules: floors([{ group: ['@txmsg/*'], message: 'seata stands on txmsg alone.' }]),
  },
  ...seataFloors,
  // One adapter knows the client library.
  {
    files: ['libs/txmsg/src/**/*.ts'],
    ignores: ['libs/txmsg/src/rocketmq/grpc/**'],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              group: ['rocketmq-client-nodejs', '@grpc/*'],
              message: 'Only rocketmq/grpc/ knows the client library.',
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
    files: ['libs/service/**/*.ts'],
    rules: floors([
      {
        group: ['@txmsg/*', '!@txmsg/contracts', '!@txmsg/seata'],
        message: 'What services share stands on contracts, txmsg and seata alone.',
      },
    ]),
  },
  {
    files: ['libs/bank/**/*.ts'],
    rules: floors([
      {
        group: ['@txmsg/*', '!@txmsg/contracts', '!@txmsg/service'],
        message: 'A library imports no app.',
      },
    ]),
  },
  // What every trade may build on names none.
  {
    files: ['libs/txmsg/**/*.ts', 'libs/service/**/*.ts', 'libs/webhooks/**/*.ts', 'libs/seata/**/*.ts'],
    plugins: { house: { rules: { 'no-trade-words': noTradeWords } } },
    rules: { 'house/no-trade-words': 'error' },
  },
  { files: ['apps/**/*.ts'], rules: floors([]) },
  // The servers are a program of their own, which every other one may use.
  {
    files: ['tools/stack/**/*.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              regex: '^\\.\\./(?!program\\.js$|\\.\\./libs/)',
              message: 'tools/stack imports neither other tools nor e2e.',
            },
            {
              group: ['**/e2e/**', '@txmsg/e2e'],
              message: 'tools/stack imports neither other tools nor e2e.',
            },
          ],
        },
      ],
    },
  },
);
