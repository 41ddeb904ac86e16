import { COMMON_OPTIONS, type Command, type Options } from './command.js';

/** What help needs to know of a command, whatever it is called with. */
export type CommandHead = Omit<Command, 'run'>;

/** How the program is called, for its help. */
export interface ProgramName {
  /** `npx txmsg`, say. */
  readonly call: string;
  /** The last lines of the overview. */
  readonly notes: readonly string[];
}

/** What there is, or what there is below some words. */
export function overview({ call, notes }: ProgramName, commands: readonly CommandHead[]): string {
  const names = commands.map((command) => nameOf(command));
  const width = Math.max(...names.map((name) => name.length));
  return [
    `${call} <command> [options]`,
    '',
    ...commands.map(({ summary }, index) => `  ${(names[index] ?? '').padEnd(width)}   ${summary}`),
    '',
    ...notes,
  ].join('\n');
}

export function helpOf({ call }: ProgramName, command: CommandHead): string {
  const options = { ...command.options, ...COMMON_OPTIONS };
  return [`${call} ${nameOf(command)} [options]`, '', command.summary, '', ...optionLines(options)].join(
    '\n',
  );
}

function nameOf({ words, parameters }: CommandHead): string {
  return [...words, ...parameters.map((parameter) => `<${parameter}>`)].join(' ');
}

function optionLines(options: Options): string[] {
  const names = Object.entries(options).map(([name, { value }]) => `--${name}${value ? ` <${value}>` : ''}`);
  const width = Math.max(...names.map((name) => name.length));
  return Object.values(options).map(
    ({ meaning }, index) => `  ${(names[index] ?? '').padEnd(width)}   ${meaning}`,
  );
}
