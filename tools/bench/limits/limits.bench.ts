import { writeFileSync } from 'node:fs';
import type { LimitsOptions } from '../bench-options.js';
import { BenchWorld } from '../transfer/bench-world.js';
import { brokerLimits, TRANSPORTS } from './broker-limits.js';
import type { LimitFigures } from './limit-meter.js';
import { limitLines } from './limit-report.js';
import { mysqlLimits } from './mysql-limits.js';

/** What the servers of the other benchmarks can do at most, asked by this process and without any bank. */
export async function benchLimits(options: LimitsOptions, tell: (line: string) => void): Promise<void> {
  const { seconds, json } = options;
  const world = await BenchWorld.start(tell);
  try {
    tell('Local transactions …');
    const figures: LimitFigures[] = await mysqlLimits(world, seconds);
    for (const transport of TRANSPORTS) {
      tell(`Messages, ${transport} …`);
      figures.push(...(await brokerLimits(world, transport, seconds)));
    }
    for (const line of limitLines(figures)) console.log(line);
    if (json !== undefined) writeFileSync(json, `${JSON.stringify(figures, null, 2)}\n`);
  } finally {
    await world.stop();
  }
}
