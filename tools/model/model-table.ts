import type { Check, CheckGroup } from './check.js';
import type { Finding, Verdict } from './verdict.js';

/** The table of `npm run model`, line by line: rows come one at a time, as searches end. */
export class ModelTable {
  private readonly nameWidth: number;

  constructor(groups: readonly CheckGroup[]) {
    this.nameWidth = Math.max(...groups.flatMap(({ checks }) => checks.map(({ name }) => name.length)));
  }

  get heading(): string {
    return this.line('configuration', ['states', 'transitions', 'depth', 'MB', 's'], 'result');
  }

  row({ name }: Check, { search, seconds }: Finding, { asExpected, text }: Verdict): string {
    const numbers = [search.states, search.transitions, search.depth, search.memoryMb].map(readable);
    return this.line(name, [...numbers, seconds.toFixed(1)], `${asExpected ? '✓' : '✗'} ${text}`);
  }

  private line(name: string, [states = '', transitions = '', ...others]: string[], result: string): string {
    const numbers = [
      states.padStart(11),
      transitions.padStart(13),
      ...others.map((text) => text.padStart(7)),
    ].join(' ');
    return `  ${name.padEnd(this.nameWidth)} ${numbers}  ${result}`;
  }
}

function readable(value: number): string {
  return Number.isNaN(value) ? '?' : Math.round(value).toLocaleString('en-US');
}
