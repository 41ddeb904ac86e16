import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { SoakOptions } from '../bench-options.js';
import { BenchWorld } from '../transfer/bench-world.js';
import { anyAccountNo, Measurement } from '../transfer/measurement.js';
import { OurSide } from '../transfer/our-side.js';
import { TransferBooks } from '../transfer/transfer-books.js';
import { openLoad, type OpenLoadResult } from './open-loop.js';
import { loadLine, memoryLines, soakCharts } from './soak-report.js';
import { SoakSampler, type SoakSample } from './soak-sampler.js';

const SHARE_OF_MAXIMUM = 0.7;
const MAXIMUM_MS = 10_000;
const SAMPLE_EVERY_MS = 5000;

/** Our banks at a steady rate that they should sustain indefinitely, and what becomes of them. */
export async function benchSoak(options: SoakOptions, tell: (line: string) => void): Promise<void> {
  mkdirSync(options.out, { recursive: true });
  const world = await BenchWorld.start(tell);
  const side = new OurSide(world, options.settings);
  try {
    tell('Starting our banks …');
    await side.start();
    const perSecond = await rateOf(new Measurement(world, side), options, tell);
    tell(`${perSecond} transfers a second for ${options.minutes} minutes …`);
    const { result, samples } = await soak(world, side, { ...options, perSecond });
    for (const [name, svg] of Object.entries(soakCharts(samples))) {
      writeFileSync(join(options.out, `${name}.svg`), svg);
    }
    const json = `${JSON.stringify({ perSecond, samples }, null, 2)}\n`;
    writeFileSync(join(options.out, 'samples.json'), json);
    console.log(loadLine(perSecond, result));
    for (const line of memoryLines(samples)) console.log(line);
    console.log(`Every transfer ended, and no money came or went. Charts: ${options.out}`);
  } finally {
    await side.stop();
    await world.stop();
  }
}

async function rateOf(
  measurement: Measurement,
  { callers, warmUp }: SoakOptions,
  tell: (line: string) => void,
): Promise<number> {
  tell('Warming up …');
  await measurement.warmUp(warmUp);
  tell('Looking for the maximum …');
  const { creditedPerSecond } = await measurement.run({ accounts: 'many', callers }, { ms: MAXIMUM_MS });
  return Math.max(1, Math.floor(creditedPerSecond * SHARE_OF_MAXIMUM));
}

/** @throws StackError when transfers did not end, or money came or went */
async function soak(
  world: BenchWorld,
  side: OurSide,
  { perSecond, minutes, callers }: SoakOptions & { readonly perSecond: number },
): Promise<{ result: OpenLoadResult; samples: SoakSample[] }> {
  const books = new TransferBooks(world.pool, side);
  const before = await books.read();
  const rowsBefore = await books.transfersInTables();
  const sampler = new SoakSampler(world, side, books, before.credited);
  const samples: SoakSample[] = [];
  const over = new AbortController();
  const load = { perSecond, ms: minutes * 60_000, callers, onAccepted: sampler.accepted };
  const target = side.target(anyAccountNo, sampler.nextTxNo);
  const [result] = await Promise.all([
    openLoad(target, load).finally(() => {
      over.abort();
    }),
    sampleUntil(over.signal, async () => samples.push(await sampler.sample())),
  ]);
  await books.untilEnded(before, result.accepted);
  books.assertConserved(before, await books.read(), (await books.transfersInTables()) - rowsBefore);
  return { result, samples };
}

async function sampleUntil(over: AbortSignal, sample: () => Promise<unknown>): Promise<void> {
  for (;;) {
    await delay(SAMPLE_EVERY_MS, undefined, { signal: over }).catch(() => undefined);
    if (over.aborted) return;
    await sample();
  }
}
