import type { PatternsOptions } from '../bench-options.js';
import { BenchWorld } from '../transfer/bench-world.js';
import { Measurement, type RunFigures } from '../transfer/measurement.js';
import { OurSide } from '../transfer/our-side.js';
import { cellLines } from '../transfer/report.js';

const TRANSPORTS = ['grpc', 'remoting'] as const;

/**
 * The banks' transfers over each transport, in turn on the same servers. Both use the same databases and topics, so
 * they do not run beside each other: each run starts its banks anew and warms them up.
 */
export async function benchPatterns(options: PatternsOptions, tell: (line: string) => void): Promise<void> {
  const world = await BenchWorld.start(tell);
  try {
    const runs: Record<(typeof TRANSPORTS)[number], RunFigures[]> = { grpc: [], remoting: [] };
    for (let pair = 1; pair <= options.pairs; pair++) {
      for (const transport of TRANSPORTS) {
        tell(`${transport}, run ${pair} of ${options.pairs} …`);
        runs[transport].push(await runOver(world, transport, options));
      }
    }
    const cell = { accounts: 'many', callers: options.callers } as const;
    console.log('Transactional messages, both listeners in the batch form, by transport:');
    for (const line of cellLines({ cell, runs })) console.log(line);
  } finally {
    await world.stop();
  }
}

async function runOver(
  world: BenchWorld,
  transport: (typeof TRANSPORTS)[number],
  { callers, seconds, warmUp, settings }: PatternsOptions,
): Promise<RunFigures> {
  const side = new OurSide(world, { ...settings, ROCKETMQ_TRANSPORT: transport }, transport);
  try {
    await side.start();
    const measurement = new Measurement(world, side);
    await measurement.warmUp(warmUp);
    return await measurement.run({ accounts: 'many', callers }, { ms: seconds * 1000 });
  } finally {
    await side.stop();
  }
}
