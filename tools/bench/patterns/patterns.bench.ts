import { TcpGate } from '../../demo/seata/tcp-gate.js';
import { DEFAULT_SEATA_VERSION } from '../../stack/seata-version.js';
import type { PatternsOptions } from '../bench-options.js';
import type { BankSide } from '../transfer/bank-side.js';
import { BenchWorld } from '../transfer/bench-world.js';
import { Measurement, type Cell, type RunFigures } from '../transfer/measurement.js';
import { cellLines } from '../transfer/report.js';
import type { Side } from '../transfer/side.js';
import { codeSizeLines } from './code-size.js';
import { comparedSides } from './compared-sides.js';
import { GlobalHolds } from './locks/global-holds.js';
import { lockLines } from './locks/lock-report.js';
import { lockFigures, type LockFigures } from './locks/lock-run.js';
import { longBranch, longBranchLines, PAYEE_WORKS_MS, type LongBranch } from './long-branch.js';

type Tell = (line: string) => void;

/** Locks and long branches are the same however warm a compiler is. */
const SHORT_WARM_UP_MAX = 1000;

/**
 * The same transfer by every pattern: as whole banks, and as the smallest services that have it. What is compared runs in turn
 * on the same servers, and never beside each other: each run starts its services anew and warms them up.
 */
export async function benchPatterns(options: PatternsOptions, tell: Tell): Promise<void> {
  const world = await BenchWorld.start(tell, { seata: DEFAULT_SEATA_VERSION });
  const holds = new GlobalHolds();
  const tap = await TcpGate.open(world.environment.SEATA_SERVER ?? '', () => holds.connection());
  try {
    const { banks, smallest } = comparedSides(world, options.only, options.settings);
    for (const side of smallest) await side.prepare();
    await compare('The banks', world, banks, options, tell);
    await compare('The smallest services', world, smallest, options, tell);
    // Apart: both MySQL and the tap in front of the coordinator note what goes on, which costs them time.
    const tapped = comparedSides(world, options.only, options.settings, tap.address);
    await compareLocks(world, [...tapped.banks, ...tapped.smallest], holds, options, tell);
    await compareLongBranches(world, banks, options, tell);
    for (const line of codeSizeLines()) console.log(line);
  } finally {
    await tap.close();
    await world.stop();
  }
}

async function compare(
  title: string,
  world: BenchWorld,
  sides: readonly Side[],
  { callers, pairs, seconds, warmUp }: PatternsOptions,
  tell: Tell,
): Promise<void> {
  if (sides.length === 0) return;
  const cells: { cell: Cell; runs: Record<string, RunFigures[]> }[] = callers.map((count) => ({
    cell: { accounts: 'many', callers: count },
    runs: {},
  }));
  for (let pair = 1; pair <= pairs; pair++) {
    for (const side of sides) {
      tell(`${side.name}, run ${pair} of ${pairs} …`);
      await whileRunning(world, side, warmUp, async (measurement) => {
        for (const { cell, runs } of cells) {
          (runs[side.name] ??= []).push(await measurement.run(cell, { ms: seconds * 1000 }));
        }
      });
    }
  }
  console.log(`\n${title}:`);
  for (const figures of cells) for (const line of cellLines(figures)) console.log(line);
}

async function compareLocks(
  world: BenchWorld,
  sides: readonly Side[],
  holds: GlobalHolds,
  { callers, warmUp }: PatternsOptions,
  tell: Tell,
): Promise<void> {
  const tables: { count: number; figures: Record<string, LockFigures> }[] = callers.map((count) => ({
    count,
    figures: {},
  }));
  for (const side of sides) {
    tell(`${side.name}, locks …`);
    await whileRunning(world, side, Math.min(warmUp, SHORT_WARM_UP_MAX), async () => {
      for (const { count, figures } of tables)
        figures[side.name] = await lockFigures(world, side, count, holds);
    });
  }
  for (const { count, figures } of tables) for (const line of lockLines(count, figures)) console.log(line);
}

async function compareLongBranches(
  world: BenchWorld,
  sides: readonly BankSide[],
  { pairs, warmUp }: PatternsOptions,
  tell: Tell,
): Promise<void> {
  console.log('\nWhile the payee of one transfer works for long (median, min–max; answers):');
  for (const side of sides) {
    tell(`${side.name}, a payee that works for long …`);
    await whileRunning(world, side, Math.min(warmUp, SHORT_WARM_UP_MAX), async () => {
      for (const worksMs of PAYEE_WORKS_MS) {
        const runs: LongBranch[] = [];
        while (runs.length < pairs) runs.push(await longBranch(world, side, worksMs));
        for (const line of longBranchLines(side.name, worksMs, runs)) console.log(line);
      }
    });
  }
}

async function whileRunning(
  world: BenchWorld,
  side: Side,
  warmUp: number,
  work: (measurement: Measurement) => Promise<void>,
): Promise<void> {
  try {
    await side.start();
    const measurement = new Measurement(world, side);
    await measurement.warmUp(warmUp);
    await work(measurement);
  } finally {
    await side.stop();
  }
}
