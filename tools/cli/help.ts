import { optionsOf, type Command, type Option } from './command.js';

const PROGRAM = 'npm run txmsg --';

/** What there is, or what there is below `words`. */
export function overview(commands: readonly Command[]): string {
  const names = commands.map((command) => nameOf(command));
  const width = Math.max(...names.map((name) => name.length));
  return [
    `${PROGRAM} <command> [options]`,
    '',
    ...commands.map(({ summary }, index) => `  ${(names[index] ?? '').padEnd(width)}   ${summary}`),
    '',
    'Every command explains itself with --help. Exit codes: 0 done, 1 failed, 2 wrong call; audit: 1 disagreements, 3 not readable; status: 1 changes are needed, 3 not readable.',
    'For programs: npm run --silent txmsg -- <command> --json',
  ].join('\n');
}

export function helpOf(command: Command): string {
  return [
    `${PROGRAM} ${nameOf(command)} [options]`,
    '',
    command.summary,
    '',
    ...optionLines(optionsOf(command), command.bank),
  ].join('\n');
}

function nameOf({ words, parameters }: Command): string {
  return [...words, ...parameters.map((parameter) => `<${parameter}>`)].join(' ');
}

function optionLines(options: Readonly<Record<string, Option>>, bank = ''): string[] {
  const names = Object.entries(options).map(([name, { value }]) => `--${name}${value ? ` <${value}>` : ''}`);
  const width = Math.max(...names.map((name) => name.length));
  return Object.entries(options).map(([name, { meaning }], index) => {
    const text = name === 'bank' ? `${meaning}; default: ${bank}` : meaning;
    return `  ${(names[index] ?? '').padEnd(width)}   ${text}`;
  });
}
