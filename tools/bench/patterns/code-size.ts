import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryDirectory } from '../../stack/stack-paths.js';

/** What a team writes for a pattern, in this repository. Folders count with every file in them, specs apart. */
interface PatternCode {
  /** What is there for the pattern alone. */
  readonly own: readonly string[];
  /** All of the feature: with its rows, its HTTP calls, and what both modes of Seata share. */
  readonly feature: readonly string[];
}

const SEATA = ['apps/seata-bank1/src/transfers', 'apps/seata-bank2/src/credits'];
const XA = ['tools/bench/patterns/xa/xa-branch.ts', 'tools/bench/patterns/xa/xa-transfer.ts'];

export const PATTERN_CODE: Readonly<Record<string, PatternCode>> = {
  message: {
    own: [
      'apps/bank1/src/transfers/transfer-transaction.listener.ts',
      'apps/bank1/src/transfers/transfer-result.listener.ts',
      'apps/bank1/src/reconciliation',
      'apps/bank2/src/transfers/account-change.listener.ts',
      'apps/bank2/src/transfers/transfer-results.ts',
    ],
    feature: ['apps/bank1/src/transfers', 'apps/bank1/src/reconciliation', 'apps/bank2/src/transfers'],
  },
  // Points for a new user: nothing to refuse, and so nothing to carry back.
  outbox: {
    own: ['apps/user/src/registration/user.store.ts', 'apps/points/src/grants/user-registered.listener.ts'],
    feature: ['apps/user/src/registration', 'apps/points/src/grants'],
  },
  tcc: {
    own: [
      'apps/seata-bank1/src/transfers/tcc-debit.action.ts',
      'apps/seata-bank2/src/credits/tcc-credit.action.ts',
    ],
    feature: SEATA,
  },
  at: {
    own: ['apps/seata-bank1/src/transfers/at-debit.ts', 'apps/seata-bank2/src/credits/credit.service.ts'],
    feature: SEATA,
  },
  xa: { own: XA, feature: [...XA, 'tools/bench/patterns/xa/xa-service.ts'] },
};

/** Lines that are neither empty nor comments. */
export function codeLines(source: string): number {
  const withoutBlocks = source.replace(/^[ \t]*\/\*[^]*?\*\/[ \t]*$/gm, '');
  return withoutBlocks.split('\n').filter((line) => !/^\s*(?:\/\/.*)?$/.test(line)).length;
}

export function codeSizeLines(): string[] {
  return [
    '',
    'Lines of code, without blanks, comments and specs (the pattern alone / the whole feature):',
    ...Object.entries(PATTERN_CODE).map(
      ([pattern, { own, feature }]) => `  ${pattern.padEnd(10)}${linesIn(own)} / ${linesIn(feature)}`,
    ),
  ];
}

/** @throws Error for a path that is not there any more */
export function linesIn(paths: readonly string[]): number {
  return paths
    .flatMap((path) => filesIn(join(repositoryDirectory, path)))
    .reduce((sum, file) => sum + codeLines(readFileSync(file, 'utf8')), 0);
}

function filesIn(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  const names = readdirSync(path, { recursive: true, encoding: 'utf8' });
  return names.filter((name) => /(?<!spec)\.ts$/.test(name)).map((name) => join(path, name));
}
