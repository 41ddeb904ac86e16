import { join } from 'node:path';
import { StackError } from '../stack/stack-error.js';
import { repositoryDirectory } from '../stack/stack-paths.js';
import { decimalNumber, pathOf, settingsOf, TEXT, TEXTS, valuesOf, wholeNumber } from './command-line.js';
import type { Accounts } from './transfer/measurement.js';

export const USAGE = `npm run bench -- transfer [--peer DIR] [--accounts many|hot|both] [--callers 1,16,64,256] [--pairs 5]
                         [--seconds 10] [--warm-up 30000] [--json FILE] [--set NAME=VALUE …]
npm run bench -- profile [--callers 64] [--seconds 10] [--warm-up 30000] [--out DIR] [--set NAME=VALUE …]
npm run bench -- soak [--minutes 30] [--callers 64] [--warm-up 30000] [--out DIR] [--set NAME=VALUE …]
npm run bench -- patterns [--callers 64] [--seconds 10] [--pairs 3] [--warm-up 10000] [--set NAME=VALUE …]
npm run bench -- purge

  transfer    transfers in a closed loop: speed, delay, and what they cost
    --peer       a folder with the Java original: it is built, started beside our banks, and measured in turn
    --accounts   one hot account, many of them, or both, each in runs of their own; default: both
    --callers    how many at once, each number in runs of its own; default: 1,64
    --pairs      runs of each side in each cell; default: 5
    --seconds    how long each run makes transfers; default: 10
    --warm-up    transfers of each side before the first run, for at most two minutes; default: 30000
    --json       a file that gets every run as JSON
    --set        a setting for our banks, beside those that they have by themselves; may be repeated
  profile     where the banks' CPU time goes under load: a flame graph and tables of each
    --callers    how many at once; default: 64
    --seconds    how long the load lasts; default: 10
    --out        the folder for the flame graphs (SVG) and profiles; default: .stack/bench-profile
  soak        transfers at 70 % of the maximum, at a steady rate: memory, latency and lag over time
    --minutes    how long the load lasts; default: 30
    --callers    requests under way at most; default: 64
    --out        the folder for the charts (SVG) and samples; default: .stack/bench-soak
  patterns    the banks over each transport; batch form, single form and outbox as the smallest services
    --pairs      runs of each; default: 3
    --warm-up    transfers before each run, because the banks start anew; default: 10000
  purge       what transfers notice of the purge of old rows`;

interface LoadOptions {
  readonly warmUp: number;
  readonly settings: Readonly<Record<string, string>>;
}

export interface TransferOptions extends LoadOptions {
  /** An absolute path. */
  readonly peer: string | undefined;
  readonly accounts: readonly Accounts[];
  readonly callers: readonly number[];
  readonly pairs: number;
  readonly seconds: number;
  /** An absolute path. */
  readonly json: string | undefined;
}

export interface ProfileOptions extends LoadOptions {
  readonly callers: number;
  readonly seconds: number;
  /** An absolute path. */
  readonly out: string;
}

export interface SoakOptions extends LoadOptions {
  readonly callers: number;
  readonly minutes: number;
  /** An absolute path. */
  readonly out: string;
}

export interface PatternsOptions extends LoadOptions {
  readonly callers: number;
  readonly pairs: number;
  readonly seconds: number;
}

export type BenchCommand =
  | { readonly kind: 'transfer'; readonly options: TransferOptions }
  | { readonly kind: 'profile'; readonly options: ProfileOptions }
  | { readonly kind: 'soak'; readonly options: SoakOptions }
  | { readonly kind: 'patterns'; readonly options: PatternsOptions }
  | { readonly kind: 'purge' };

const LOAD = { callers: TEXT, 'warm-up': TEXT, set: TEXTS } as const;

/** @throws StackError that names what is wrong */
export function parseCommand(words: readonly string[]): BenchCommand {
  try {
    return commandOf(words);
  } catch (error) {
    throw error instanceof StackError ? new StackError(`${error.message}\n\n${USAGE}`) : error;
  }
}

function commandOf([kind, ...parameters]: readonly string[]): BenchCommand {
  if (kind === 'transfer') return { kind, options: transferOptions(parameters) };
  if (kind === 'profile') return { kind, options: profileOptions(parameters) };
  if (kind === 'soak') return { kind, options: soakOptions(parameters) };
  if (kind === 'patterns') return { kind, options: patternsOptions(parameters) };
  if (kind === 'purge') {
    valuesOf(parameters, {});
    return { kind };
  }
  throw new StackError(kind === undefined ? 'No benchmark was named.' : `"${kind}" is no benchmark.`);
}

function transferOptions(parameters: readonly string[]): TransferOptions {
  const own = { peer: TEXT, accounts: TEXT, pairs: TEXT, seconds: TEXT, json: TEXT };
  const values = valuesOf(parameters, { ...LOAD, ...own });
  return {
    peer: pathOf(values.peer),
    accounts: accountsOf(values.accounts ?? 'both'),
    callers: (values.callers ?? '1,64').split(',').map((item) => callersOf(item)),
    pairs: pairsOf(values.pairs ?? '5'),
    seconds: secondsOf(values.seconds),
    warmUp: warmUpOf(values['warm-up']),
    json: pathOf(values.json),
    settings: settingsOf(values.set),
  };
}

function profileOptions(parameters: readonly string[]): ProfileOptions {
  const values = valuesOf(parameters, { ...LOAD, seconds: TEXT, out: TEXT });
  return {
    callers: callersOf(values.callers),
    seconds: secondsOf(values.seconds),
    warmUp: warmUpOf(values['warm-up']),
    out: pathOf(values.out) ?? join(repositoryDirectory, '.stack', 'bench-profile'),
    settings: settingsOf(values.set),
  };
}

function soakOptions(parameters: readonly string[]): SoakOptions {
  const values = valuesOf(parameters, { ...LOAD, minutes: TEXT, out: TEXT });
  return {
    callers: callersOf(values.callers),
    minutes: decimalNumber('--minutes', values.minutes ?? '30', 0.1, 1440),
    warmUp: warmUpOf(values['warm-up']),
    out: pathOf(values.out) ?? join(repositoryDirectory, '.stack', 'bench-soak'),
    settings: settingsOf(values.set),
  };
}

function patternsOptions(parameters: readonly string[]): PatternsOptions {
  const values = valuesOf(parameters, { ...LOAD, pairs: TEXT, seconds: TEXT });
  return {
    callers: callersOf(values.callers),
    pairs: pairsOf(values.pairs ?? '3'),
    seconds: secondsOf(values.seconds),
    warmUp: warmUpOf(values['warm-up'] ?? '10000'),
    settings: settingsOf(values.set),
  };
}

function accountsOf(text: string): Accounts[] {
  if (text === 'both') return ['many', 'hot'];
  if (text === 'many' || text === 'hot') return [text];
  throw new StackError(`--accounts is "${text}": many, hot or both was expected.`);
}

function callersOf(text = '64'): number {
  return wholeNumber('--callers', text, 1, 1024);
}

function pairsOf(text: string): number {
  return wholeNumber('--pairs', text, 1, 100);
}

function secondsOf(text = '10'): number {
  return wholeNumber('--seconds', text, 1, 600);
}

function warmUpOf(text = '30000'): number {
  return wholeNumber('--warm-up', text, 0, 1_000_000);
}
