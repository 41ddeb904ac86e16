import 'reflect-metadata';
import { buildBanks } from '../bank/bank-build.js';
import { exitCodeOf } from '../program.js';
import type { LoadFigures } from './load.js';
import { measurePurge } from './purge.bench.js';

/** `npm run bench`: figures of this machine, for people to compare; nothing is judged by them. */
async function main(): Promise<number> {
  const tell = (line: string): void => {
    console.error(line);
  };
  await buildBanks(['bank1', 'bank2']);
  const { without, during } = await measurePurge(tell);
  const row = (name: string, pick: (figures: LoadFigures) => string): string =>
    `${name.padEnd(24)}${pick(without).padStart(14)}${pick(during).padStart(14)}`;
  const ms = (value: number): string => `${value.toFixed(1)} ms`;
  console.log('Deleting 100,000 old barrier rows in each database under load:');
  console.log(`${''.padEnd(24)}${'without'.padStart(14)}${'during'.padStart(14)}`);
  console.log(row('seconds', ({ seconds }) => seconds.toFixed(1)));
  console.log(row('transfers', ({ transfers }) => String(transfers)));
  console.log(row('transfers per second', ({ transfers, seconds }) => (transfers / seconds).toFixed(1)));
  console.log(row('failed', ({ failed }) => String(failed)));
  console.log(row('median', ({ median }) => ms(median)));
  console.log(row('99 %', ({ p99 }) => ms(p99)));
  console.log(row('slowest', ({ slowest }) => ms(slowest)));
  return 0;
}

process.exitCode = await exitCodeOf(main);
