import { join } from 'node:path';
import { StackError } from '../stack/stack-error.js';
import { repositoryDirectory } from '../stack/stack-paths.js';
import { USAGE } from './bench-usage.js';
import { FAN_OUTS } from './notification/notification-plan.js';
import { SIDE_NAMES, sideNamesOf, type SideName } from './patterns/side-names.js';
import { decimalNumber, pathOf, settingsOf, TEXT, TEXTS, valuesOf, wholeNumber } from './command-line.js';
import type { Accounts } from './transfer/measurement.js';

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

/** Runs of several sides by turns. */
export interface ComparisonOptions extends LoadOptions {
  readonly callers: number;
  readonly pairs: number;
  readonly seconds: number;
}

export interface PatternsOptions extends LoadOptions {
  /** Each number in runs of its own. */
  readonly callers: readonly number[];
  readonly pairs: number;
  readonly seconds: number;
  readonly only: readonly SideName[];
}

export interface GrowthOptions extends ComparisonOptions {
  /** In every table, from the beginning; each number once. */
  readonly rows: readonly number[];
  /** InnoDB's buffer pool; undefined for that of every local stack. */
  readonly poolMb: number | undefined;
  /** An absolute path. */
  readonly json: string | undefined;
}

export interface LimitsOptions {
  readonly seconds: number;
  /** An absolute path. */
  readonly json: string | undefined;
}

export interface NotificationOptions {
  /** How many subscribers each message is told to. */
  readonly fanOut: number;
  readonly pairs: number;
  readonly seconds: number;
  /** Messages before the first run. */
  readonly warmUp: number;
  /** An absolute path. */
  readonly json: string | undefined;
}

export type BenchCommand =
  | { readonly kind: 'transfer'; readonly options: TransferOptions }
  | { readonly kind: 'profile'; readonly options: ProfileOptions }
  | { readonly kind: 'soak'; readonly options: SoakOptions }
  | { readonly kind: 'patterns'; readonly options: PatternsOptions }
  | { readonly kind: 'growth'; readonly options: GrowthOptions }
  | { readonly kind: 'telemetry'; readonly options: ComparisonOptions }
  | { readonly kind: 'limits'; readonly options: LimitsOptions }
  | { readonly kind: 'notification'; readonly options: NotificationOptions }
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
  if (kind === 'growth') return { kind, options: growthOptions(parameters) };
  if (kind === 'telemetry') return { kind, options: comparisonOptions(parameters) };
  if (kind === 'limits') return { kind, options: limitsOptions(parameters) };
  if (kind === 'notification') return { kind, options: notificationOptions(parameters) };
  if (kind === 'purge') {
    valuesOf(parameters, {});
    return { kind };
  }
  throw new StackError(kind === undefined ? 'No benchmark was named.' : `"${kind}" is no benchmark.`);
}

/** The banks are measured over the faster transport, unless they are told which. */
function bankSettings(texts?: readonly string[]): Record<string, string> {
  return { ROCKETMQ_TRANSPORT: 'remoting', ...settingsOf(texts) };
}

function transferOptions(parameters: readonly string[]): TransferOptions {
  const own = { peer: TEXT, accounts: TEXT, pairs: TEXT, seconds: TEXT, json: TEXT };
  const values = valuesOf(parameters, { ...LOAD, ...own });
  return {
    peer: pathOf(values.peer),
    accounts: accountsOf(values.accounts ?? 'both'),
    callers: callerCountsOf(values.callers ?? '1,64'),
    pairs: pairsOf(values.pairs ?? '5'),
    seconds: secondsOf(values.seconds),
    warmUp: warmUpOf(values['warm-up']),
    json: pathOf(values.json),
    settings: bankSettings(values.set),
  };
}

function profileOptions(parameters: readonly string[]): ProfileOptions {
  const values = valuesOf(parameters, { ...LOAD, seconds: TEXT, out: TEXT });
  return {
    callers: callersOf(values.callers),
    seconds: secondsOf(values.seconds),
    warmUp: warmUpOf(values['warm-up']),
    out: pathOf(values.out) ?? join(repositoryDirectory, '.stack', 'bench-profile'),
    settings: bankSettings(values.set),
  };
}

function soakOptions(parameters: readonly string[]): SoakOptions {
  const values = valuesOf(parameters, { ...LOAD, minutes: TEXT, out: TEXT });
  return {
    callers: callersOf(values.callers),
    minutes: decimalNumber('--minutes', values.minutes ?? '30', 0.1, 1440),
    warmUp: warmUpOf(values['warm-up']),
    out: pathOf(values.out) ?? join(repositoryDirectory, '.stack', 'bench-soak'),
    settings: bankSettings(values.set),
  };
}

function patternsOptions(parameters: readonly string[]): PatternsOptions {
  const values = valuesOf(parameters, { ...LOAD, pairs: TEXT, seconds: TEXT, only: TEXT });
  return {
    callers: callerCountsOf(values.callers ?? '1,32'),
    pairs: pairsOf(values.pairs ?? '3'),
    seconds: secondsOf(values.seconds),
    warmUp: warmUpOf(values['warm-up'] ?? '3000'),
    only: values.only === undefined ? SIDE_NAMES : sideNamesOf(values.only),
    settings: bankSettings(values.set),
  };
}

function comparisonOptions(parameters: readonly string[]): ComparisonOptions {
  const values = valuesOf(parameters, { ...LOAD, pairs: TEXT, seconds: TEXT });
  return {
    callers: callersOf(values.callers),
    pairs: pairsOf(values.pairs ?? '10'),
    seconds: secondsOf(values.seconds),
    warmUp: warmUpOf(values['warm-up']),
    settings: bankSettings(values.set),
  };
}

function growthOptions(parameters: readonly string[]): GrowthOptions {
  const values = valuesOf(parameters, {
    ...LOAD,
    rows: TEXT,
    pairs: TEXT,
    seconds: TEXT,
    pool: TEXT,
    json: TEXT,
  });
  const rows = (values.rows ?? '0,100000,2000000').split(',');
  return {
    rows: [...new Set(rows.map((item) => wholeNumber('--rows', item, 0, 9_999_999)))],
    callers: callersOf(values.callers),
    pairs: pairsOf(values.pairs ?? '5'),
    seconds: secondsOf(values.seconds),
    warmUp: warmUpOf(values['warm-up']),
    poolMb: values.pool === undefined ? undefined : wholeNumber('--pool', values.pool, 5, 1_000_000),
    json: pathOf(values.json),
    settings: bankSettings(values.set),
  };
}

function limitsOptions(parameters: readonly string[]): LimitsOptions {
  const values = valuesOf(parameters, { seconds: TEXT, json: TEXT });
  return { seconds: secondsOf(values.seconds), json: pathOf(values.json) };
}

function notificationOptions(parameters: readonly string[]): NotificationOptions {
  const own = { 'fan-out': TEXT, pairs: TEXT, seconds: TEXT, 'warm-up': TEXT, json: TEXT };
  const values = valuesOf(parameters, own);
  return {
    fanOut: fanOutOf(values['fan-out'] ?? '5'),
    pairs: pairsOf(values.pairs ?? '3'),
    seconds: secondsOf(values.seconds ?? '30'),
    warmUp: warmUpOf(values['warm-up'] ?? '1000'),
    json: pathOf(values.json),
  };
}

function fanOutOf(text: string): number {
  const found = FAN_OUTS.find((fanOut) => String(fanOut) === text);
  if (found !== undefined) return found;
  throw new StackError(`--fan-out is "${text}": one of ${FAN_OUTS.join(', ')} was expected.`);
}

function accountsOf(text: string): Accounts[] {
  if (text === 'both') return ['many', 'hot'];
  if (text === 'many' || text === 'hot') return [text];
  throw new StackError(`--accounts is "${text}": many, hot or both was expected.`);
}

function callerCountsOf(text: string): number[] {
  return text.split(',').map((item) => callersOf(item));
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
