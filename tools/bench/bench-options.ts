import { resolve } from 'node:path';
import { parseArgs, type ParseArgsConfig } from 'node:util';
import { StackError } from '../stack/stack-error.js';
import type { Accounts } from './transfer/measurement.js';

export const USAGE = `npm run bench -- transfer [--peer DIR] [--accounts many|hot|both] [--callers 1,16,64,256] [--pairs 5]
                         [--seconds 10] [--warm-up 30000] [--json FILE] [--set NAME=VALUE …]
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
  purge       what transfers notice of the purge of old rows`;

export interface TransferOptions {
  /** An absolute path. */
  readonly peer: string | undefined;
  readonly accounts: readonly Accounts[];
  readonly callers: readonly number[];
  readonly pairs: number;
  readonly seconds: number;
  readonly warmUp: number;
  /** An absolute path. */
  readonly json: string | undefined;
  readonly settings: Readonly<Record<string, string>>;
}

export type BenchCommand =
  { readonly kind: 'transfer'; readonly options: TransferOptions } | { readonly kind: 'purge' };

/** @throws StackError that names what is wrong */
export function parseCommand([kind, ...parameters]: readonly string[]): BenchCommand {
  if (kind === 'transfer') return { kind, options: transferOptions(parameters) };
  if (kind === 'purge') {
    valuesOf(parameters, {});
    return { kind };
  }
  throw wrong(kind === undefined ? 'No benchmark was named.' : `"${kind}" is no benchmark.`);
}

function transferOptions(parameters: readonly string[]): TransferOptions {
  const text = { type: 'string' } as const;
  const values = valuesOf(parameters, {
    peer: text,
    accounts: text,
    callers: text,
    pairs: text,
    seconds: text,
    'warm-up': text,
    json: text,
    set: { type: 'string', multiple: true },
  });
  return {
    peer: values.peer === undefined ? undefined : resolve(values.peer),
    accounts: accountsOf(values.accounts ?? 'both'),
    callers: (values.callers ?? '1,64').split(',').map((item) => wholeNumber('--callers', item, 1, 1024)),
    pairs: wholeNumber('--pairs', values.pairs ?? '5', 1, 100),
    seconds: wholeNumber('--seconds', values.seconds ?? '10', 1, 600),
    warmUp: wholeNumber('--warm-up', values['warm-up'] ?? '30000', 0, 1_000_000),
    json: values.json === undefined ? undefined : resolve(values.json),
    settings: Object.fromEntries((values.set ?? []).map(settingOf)),
  };
}

function accountsOf(text: string): Accounts[] {
  if (text === 'both') return ['many', 'hot'];
  if (text === 'many' || text === 'hot') return [text];
  throw wrong(`--accounts is "${text}": many, hot or both was expected.`);
}

function settingOf(text: string): [string, string] {
  const [, name, value] = /^([A-Z][A-Z0-9_]*)=(.*)$/.exec(text) ?? [];
  if (name === undefined || value === undefined) throw wrong(`--set is "${text}": NAME=VALUE was expected.`);
  return [name, value];
}

function wholeNumber(name: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (/^\d{1,7}$/.test(text) && value >= min && value <= max) return value;
  throw wrong(`${name} is "${text}": a whole number from ${min} to ${max} was expected.`);
}

function valuesOf<Options extends NonNullable<ParseArgsConfig['options']>>(
  parameters: readonly string[],
  options: Options,
) {
  try {
    return parseArgs({ args: [...parameters], options }).values;
  } catch (error) {
    throw wrong(error instanceof Error ? error.message : String(error));
  }
}

function wrong(what: string): StackError {
  return new StackError(`${what}\n\n${USAGE}`);
}
