import type { ComparisonOptions } from '../bench-options.js';
import { BenchWorld } from '../transfer/bench-world.js';
import { Measurement, type RunFigures } from '../transfer/measurement.js';
import { OurSide } from '../transfer/our-side.js';
import { cellLines } from '../transfer/report.js';
import type { Side } from '../transfer/side.js';
import { PatternSide } from './pattern-side.js';
import { PATTERNS } from './patterns.js';

const TRANSPORTS = ['grpc', 'remoting'] as const;

/**
 * Two tables: the banks' transfers over each transport, and the patterns as the smallest services that have them. What
 * is compared runs in turn on the same servers, and never beside each other: each run starts its services anew and
 * warms them up.
 */
export async function benchPatterns(options: ComparisonOptions, tell: (line: string) => void): Promise<void> {
  const { settings } = options;
  const world = await BenchWorld.start(tell);
  try {
    const transports = TRANSPORTS.map(
      (transport) => new OurSide(world, { ...settings, ROCKETMQ_TRANSPORT: transport }, transport),
    );
    const patterns = PATTERNS.map((pattern) => new PatternSide(world, pattern, settings));
    for (const pattern of patterns) await pattern.prepare();
    await compare('The banks, by transport', world, transports, options, tell);
    await compare('The smallest services, by pattern', world, patterns, options, tell);
  } finally {
    await world.stop();
  }
}

async function compare(
  title: string,
  world: BenchWorld,
  sides: readonly Side[],
  options: ComparisonOptions,
  tell: (line: string) => void,
): Promise<void> {
  const runs: Record<string, RunFigures[]> = {};
  for (let pair = 1; pair <= options.pairs; pair++) {
    for (const side of sides) {
      tell(`${side.name}, run ${pair} of ${options.pairs} …`);
      (runs[side.name] ??= []).push(await runAlone(world, side, options));
    }
  }
  console.log(`\n${title}:`);
  const cell = { accounts: 'many', callers: options.callers } as const;
  for (const line of cellLines({ cell, runs })) console.log(line);
}

async function runAlone(
  world: BenchWorld,
  side: Side,
  { callers, seconds, warmUp }: ComparisonOptions,
): Promise<RunFigures> {
  try {
    await side.start();
    const measurement = new Measurement(world, side);
    await measurement.warmUp(warmUp);
    return await measurement.run({ accounts: 'many', callers }, { ms: seconds * 1000 });
  } finally {
    await side.stop();
  }
}
