import { writeFileSync } from 'node:fs';
import type { GrowthOptions } from '../bench-options.js';
import { BenchWorld } from '../transfer/bench-world.js';
import { Measurement, type RunFigures } from '../transfer/measurement.js';
import type { OurSide } from '../transfer/our-side.js';
import { cellLines } from '../transfer/report.js';
import { assertAccountsAgree, grownSide, sizeMb, untilFlushed } from './grown-side.js';

/**
 * The same banks with so many rows in their tables from the beginning, each number a pair of databases of its own, on
 * the same servers and in turn, A B A B. What is printed compares each with the first.
 */
export async function benchGrowth(options: GrowthOptions, tell: (line: string) => void): Promise<void> {
  const world = await BenchWorld.start(tell, options.poolMb);
  const sides: OurSide[] = [];
  try {
    for (const rows of options.rows) {
      const began = performance.now();
      tell(`Filling the tables with ${rows.toLocaleString('en')} rows …`);
      const side = await grownSide(world, rows, options.settings);
      sides.push(side);
      const seconds = (performance.now() - began) / 1000;
      const size = await sizeMb(world, side);
      console.log(`${side.name}: ${size.toFixed(0)} MB in files, filled in ${seconds.toFixed(0)} s`);
    }
    await untilFlushed(world);
    tell('Starting the banks …');
    for (const side of sides) await side.start();
    const runs = await runInTurn(world, sides, options, tell);
    tell('Holding every account against the transfers …');
    for (const side of sides) await assertAccountsAgree(world, side);
    for (const line of growthLines(sides, runs, options.callers)) console.log(line);
    if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(runs, null, 2)}\n`);
  } finally {
    for (const side of sides) await side.stop();
    await world.stop();
  }
}

type Runs = Readonly<Record<string, readonly RunFigures[]>>;

async function runInTurn(
  world: BenchWorld,
  sides: readonly OurSide[],
  { callers, pairs, seconds, warmUp }: GrowthOptions,
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

function growthLines(sides: readonly OurSide[], runs: Runs, callers: number): string[] {
  const [first, ...others] = sides.map(({ name }) => name);
  const cell = { accounts: 'many', callers } as const;
  const of = (name = ''): Runs => ({ [name]: runs[name] ?? [] });
  const tables = others.length === 0 ? [of(first)] : others.map((other) => ({ ...of(other), ...of(first) }));
  return tables.flatMap((pair) => cellLines({ cell, runs: pair }));
}
