import { parseArgs } from 'node:util';
import { COMMON_OPTIONS, type Call } from './command.js';
import { UsageError } from './command.error.js';
import { helpOf, overview, type CommandHead, type ProgramName } from './help.js';

/** A command line that is understood: the command, and what it was given. */
export interface ParsedCommandLine<C> extends Pick<Call, 'parameters' | 'options' | 'switches' | 'asJson'> {
  /** One of the commands that were given. */
  readonly command: C;
}

/**
 * Finds the command that the words of a command line begin with, and reads the rest.
 * @returns the exit code when only help was asked for, which is then printed
 * @throws UsageError
 */
export function parseCommandLine<C extends CommandHead>(
  words: readonly string[],
  commands: readonly C[],
  program: ProgramName,
  print: (text: string) => void,
): ParsedCommandLine<C> | number {
  const command = commands.find((candidate) => startsWith(words, candidate.words));
  if (command === undefined) return printOverview(words, commands, program, print);
  const { values, positionals } = parse(words.slice(command.words.length), command, program);
  if (values.help === true) {
    print(helpOf(program, command));
    return 0;
  }
  if (positionals.length !== command.parameters.length) {
    throw new UsageError(`${positionals.length} parameters were given.\n\n${helpOf(program, command)}`);
  }
  const entries = Object.entries(values);
  return {
    command,
    parameters: positionals,
    options: Object.fromEntries(
      entries.flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
    ),
    switches: new Set(entries.flatMap(([name, value]) => (value === true ? [name] : []))),
    asJson: values.json === true,
  };
}

/** For half a command, or for none. */
function printOverview(
  words: readonly string[],
  commands: readonly CommandHead[],
  program: ProgramName,
  print: (text: string) => void,
): number {
  const isHelp = words.at(-1) === '--help' || words.at(-1) === '-h' || words.length === 0;
  const begun = isHelp ? words.slice(0, -1) : words;
  const matching = commands.filter((command) => startsWith(command.words, begun));
  if (isHelp && matching.length > 0) {
    print(overview(program, matching));
    return words.length === 0 ? 2 : 0;
  }
  const given = words.join(' ').slice(0, 100);
  const known = matching.length > 0 ? matching : commands;
  throw new UsageError(`There is no command "${given}".\n\n${overview(program, known)}`);
}

interface ParsedWords {
  readonly values: Readonly<Record<string, string | boolean | undefined>>;
  readonly positionals: string[];
}

function parse(words: readonly string[], command: CommandHead, program: ProgramName): ParsedWords {
  const options = Object.fromEntries(
    Object.entries({ ...command.options, ...COMMON_OPTIONS }).map(([name, option]) => [
      name,
      { type: 'value' in option ? ('string' as const) : ('boolean' as const) },
    ]),
  );
  try {
    return parseArgs({ args: [...words], options, allowPositionals: true });
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\n\n${helpOf(program, command)}`);
  }
}

function startsWith(words: readonly string[], beginning: readonly string[]): boolean {
  return beginning.every((word, index) => words[index] === word);
}
