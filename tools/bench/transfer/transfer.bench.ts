import { writeFileSync } from 'node:fs';
import type { TransferOptions } from '../bench-options.js';
import { BenchWorld } from './bench-world.js';
import { Measurement, type Cell, type CellFigures, type RunFigures } from './measurement.js';
import { OurSide } from './our-side.js';
import { PeerSide } from './peer-side.js';
import { cellLines, startLines } from './report.js';
import type { Side, StartFigures } from './side.js';

/** Both sides in turn, A B A B, on the same servers; what is printed are medians, and ratios pair by pair. */
export async function benchTransfers(options: TransferOptions, tell: (line: string) => void): Promise<void> {
  const world = await BenchWorld.start(tell);
  const sides: Side[] = [];
  try {
    const starts = new Map<string, readonly StartFigures[]>();
    for await (const side of startSides(world, options, tell)) {
      sides.push(side.side);
      starts.set(side.side.name, side.starts);
    }
    for (const line of startLines(starts)) console.log(line);
    const measurements = sides.map((side) => new Measurement(world, side));
    for (const [index, measurement] of measurements.entries()) {
      tell(`Warming up ${sides[index]?.name ?? ''} …`);
      await measurement.warmUp(options.warmUp);
    }
    const cells: CellFigures[] = [];
    for (const cell of cellsOf(options)) {
      const figures = await measureCell(cell, measurements, options);
      cells.push(figures);
      for (const line of cellLines(figures)) console.log(line);
    }
    if (options.json !== undefined) {
      writeFileSync(
        options.json,
        `${JSON.stringify({ starts: Object.fromEntries(starts), cells }, null, 2)}\n`,
      );
    }
  } finally {
    for (const side of sides) await side.stop();
    await world.stop();
  }
}

async function* startSides(
  world: BenchWorld,
  { peer: folder, settings }: TransferOptions,
  tell: (line: string) => void,
): AsyncGenerator<{ side: Side; starts: readonly StartFigures[] }> {
  const ours = new OurSide(world, settings);
  tell('Starting our banks …');
  yield { side: ours, starts: await ours.start() };
  if (folder === undefined) return;
  const peer = new PeerSide(world, folder);
  tell('Building the peer …');
  await peer.build();
  tell('Starting the peer …');
  yield { side: peer, starts: await peer.start() };
}

function cellsOf({ accounts, callers }: TransferOptions): Cell[] {
  return accounts.flatMap((kind) => callers.map((count) => ({ accounts: kind, callers: count })));
}

async function measureCell(
  cell: Cell,
  measurements: readonly Measurement[],
  { pairs, seconds }: TransferOptions,
): Promise<CellFigures> {
  const runs: Record<string, RunFigures[]> = {};
  for (let pair = 0; pair < pairs; pair++) {
    for (const measurement of measurements) {
      const figures = await measurement.run(cell, { ms: seconds * 1000 });
      (runs[figures.side] ??= []).push(figures);
    }
  }
  return { cell, runs };
}
