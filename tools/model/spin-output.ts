/** What pan, the program that Spin generates, says about its search. */
export interface Search {
  readonly states: number;
  readonly transitions: number;
  /** The longest path searched, in Spin's own steps. */
  readonly depth: number;
  readonly memoryMb: number;
  readonly errors: number;
  /** Why not every state was explored. A search ends at the first error, which is no such reason. */
  readonly incomplete?: string;
}

/** A counterexample in the model's own words. */
export interface Trail {
  readonly steps: readonly string[];
  /** Its name in the model; undefined for anything but a promise, such as an index out of bounds. */
  readonly promise?: string;
}

const INCOMPLETE: readonly (readonly [RegExp, string])[] = [
  [/max search depth too small/, 'deeper than the search may go'],
  [/out of memory|memory limit|reached -DMEMLIM/i, 'more memory than a search may have'],
  [/time limit/i, 'longer than a search may take'],
  [/bit ?state|hash-?compact/i, 'an inexact search'],
];

/** Output that is cut short, whatever the cause, is an incomplete search. */
export function parseSearch(output: string): Search {
  const number = (pattern: RegExp): number => Number(pattern.exec(output)?.[1] ?? NaN);
  const search = {
    states: number(/^\s*(\S+) states, stored/m),
    transitions: number(/^\s*(\S+) transitions/m),
    depth: number(/depth reached (\d+)/),
    memoryMb: number(/^\s*(\S+)\s+total actual memory usage/m),
    errors: number(/errors: (\d+)/),
  };
  const incomplete = whyIncomplete(output, search);
  return incomplete === undefined ? search : { ...search, incomplete };
}

function whyIncomplete(output: string, numbers: Record<string, number>): string | undefined {
  const known = INCOMPLETE.find(([pattern]) => pattern.test(output))?.[1];
  if (known !== undefined) return known;
  const isWhole = Object.values(numbers).every((value) => !Number.isNaN(value));
  if (isWhole && (numbers.errors !== 0 || !output.includes('Search not completed'))) return undefined;
  return `it broke off: ${lastLine(output)}`;
}

function lastLine(output: string): string {
  const line = output.trim().split('\n').at(-1) ?? '';
  return line === '' ? 'no output' : line.trim();
}

/** What `spin -t` prints: the steps, the assertion that failed, then positions of processes. */
export function parseTrail(output: string): Trail {
  const lines = output.split('\n').map((line) => line.trim());
  const end = lines.findIndex((line) => line.startsWith('spin:'));
  const steps = (end < 0 ? lines : lines.slice(0, end)).filter((line) => line !== '');
  // `promise(name, condition)` is assert((condition) || !name).
  const promise = /text of failed assertion:.*!\((\w+)\)\)+$/m.exec(output)?.[1];
  return { steps: steps.map(inWords), ...(promise === undefined ? {} : { promise }) };
}

const ATTEMPTS = ['FIRST', 'SECOND', 'REPUBLISH', 'REPUBLISH_TOO'];
const CONTENTS = ['', 'OURS', "CHALLENGER'S", "FOREIGNER'S"];

/** The model's numbers as its names; results are numbered CREDITED 1 to 3, REJECTED 5 to 7. */
function inWords(step: string): string {
  return step
    .replace(/attempt (\d)/g, (_, number: string) => `attempt ${ATTEMPTS[Number(number)] ?? number}`)
    .replace(/(message|dead letter) (\d)/g, (_, what: string, number: string) => {
      return `${what} ${CONTENTS[Number(number)] ?? number}`;
    })
    .replace(/result (\d)/g, (_, number: string) => {
      const outcome = Number(number) < 4 ? 'CREDITED' : 'REJECTED';
      return `result ${outcome} ${CONTENTS[Number(number) % 4] ?? number}`;
    });
}
