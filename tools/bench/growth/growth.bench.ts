import { writeFileSync } from 'node:fs';
import type { GrowthOptions } from '../bench-options.js';
import { BenchWorld } from '../transfer/bench-world.js';
import { linesAgainstFirst, runInTurn } from '../transfer/in-turn.js';
import type { OurSide } from '../transfer/our-side.js';
import { assertAccountsAgree, grownSide, sizeMb, untilFlushed } from './grown-side.js';

/**
 * The same banks with so many rows in their tables from the beginning, each number a pair of databases of its own, on
 * the same servers and in turn, A B A B. What is printed compares each with the first.
 */
export async function benchGrowth(options: GrowthOptions, tell: (line: string) => void): Promise<void> {
  const { poolMb } = options;
  const world = await BenchWorld.start(tell, poolMb === undefined ? {} : { bufferPoolMb: poolMb });
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
    for (const line of linesAgainstFirst(sides, runs, options.callers)) console.log(line);
    if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(runs, null, 2)}\n`);
  } finally {
    for (const side of sides) await side.stop();
    await world.stop();
  }
}
