import { parseArgs } from 'node:util';
import { StackError } from '../stack/stack-error.js';
import type { Check, CheckGroup } from './check.js';

const USAGE = `npm run model [-- --only <name> | --trail <name>]

  --only <name>    one line of the table; may be given several times
  --trail <name>   the steps of a counterexample`;

export type ModelCommand =
  | { readonly command: 'CHECK'; readonly groups: readonly CheckGroup[] }
  | { readonly command: 'TRAIL'; readonly check: Check };

/** @throws StackError for arguments that are not understood, and for names that are not in the table */
export function parseArguments(parameters: readonly string[], groups: readonly CheckGroup[]): ModelCommand {
  const { only, trail } = parse(parameters);
  if (only !== undefined && trail !== undefined) throw new StackError(USAGE);
  if (trail !== undefined) return { command: 'TRAIL', check: find(trail, groups) };
  return { command: 'CHECK', groups: only === undefined ? groups : choose(only, groups) };
}

function parse(parameters: readonly string[]): { only?: string[]; trail?: string } {
  try {
    const options = { only: { type: 'string', multiple: true }, trail: { type: 'string' } } as const;
    return parseArgs({ args: [...parameters], options }).values;
  } catch (error) {
    throw new StackError(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`, {
      cause: error,
    });
  }
}

function choose(names: readonly string[], groups: readonly CheckGroup[]): CheckGroup[] {
  const chosen = names.map((name) => find(name, groups));
  return groups
    .map((group) => ({ ...group, checks: group.checks.filter((check) => chosen.includes(check)) }))
    .filter(({ checks }) => checks.length > 0);
}

function find(name: string, groups: readonly CheckGroup[]): Check {
  const checks = groups.flatMap((group) => group.checks);
  const found = checks.find((check) => check.name === name);
  if (found) return found;
  const names = checks.map((check) => check.name).join(', ');
  throw new StackError(`There is no "${name}" in the table. Its names are: ${names}.`);
}
