import type { ComparisonOptions } from '../bench-options.js';
import type { BenchWorld } from './bench-world.js';
import { Measurement, type RunFigures } from './measurement.js';
import { cellLines } from './report.js';
import type { Side } from './side.js';

export type Runs = Readonly<Record<string, readonly RunFigures[]>>;

/** Warms every side up, then loads them in turn, A B C A B C; they run beside each other all the time. */
export async function runInTurn(
  world: BenchWorld,
  sides: readonly Side[],
  { callers, pairs, seconds, warmUp }: ComparisonOptions,
  tell: (line: string) => void,
): Promise<Runs> {
  const measurements = sides.map((side) => ({ side, measurement: new Measurement(world, side) }));
  for (const { side, measurement } of measurements) {
    tell(`Warming up with ${side.name} …`);
    await measurement.warmUp(warmUp);
  }
  const runs: Record<string, RunFigures[]> = {};
  for (let pair = 1; pair <= pairs; pair++) {
    for (const { side, measurement } of measurements) {
      tell(`${side.name}, run ${pair} of ${pairs} …`);
      const figures = await measurement.run({ accounts: 'many', callers }, { ms: seconds * 1000 });
      (runs[side.name] ??= []).push(figures);
    }
  }
  return runs;
}

/** A table for each side but the first, which they are compared with. */
export function linesAgainstFirst(sides: readonly Side[], runs: Runs, callers: number): string[] {
  const [first, ...others] = sides.map(({ name }) => name);
  const cell = { accounts: 'many', callers } as const;
  const of = (name = ''): Runs => ({ [name]: runs[name] ?? [] });
  const tables = others.length === 0 ? [of(first)] : others.map((other) => ({ ...of(other), ...of(first) }));
  return tables.flatMap((pair) => cellLines({ cell, runs: pair }));
}
