import { figureLines, type FigureRow } from './figure-lines.js';
import { ratios } from './figures.js';
import type { CellFigures, RunFigures } from './measurement.js';
import type { StartFigures } from './side.js';

type Row = FigureRow<RunFigures>;

const ROWS: readonly Row[] = [
  { title: 'HTTP/s', digits: 0, value: (run) => run.httpPerSecond },
  { title: 'HTTP p50 ms', digits: 1, value: (run) => run.httpP50 },
  { title: 'HTTP p99 ms', digits: 1, value: (run) => run.httpP99 },
  { title: 'credited/s', digits: 0, value: (run) => run.creditedPerSecond },
  { title: 'lag p50 ms', digits: 1, value: (run) => run.lagP50 },
  { title: 'lag p99 ms', digits: 1, value: (run) => run.lagP99 },
  { title: 'COMPLETED p50 ms', digits: 1, value: (run) => run.completedP50 },
  { title: 'COMPLETED p99 ms', digits: 1, value: (run) => run.completedP99 },
  { title: 'CPU ms: bank1', digits: 2, value: (run) => run.cpuMs.bank1 ?? NaN },
  { title: 'CPU ms: bank2', digits: 2, value: (run) => run.cpuMs.bank2 ?? NaN },
  { title: 'CPU ms: mysqld', digits: 2, value: (run) => run.cpuMs.mysqld ?? NaN },
  { title: 'CPU ms: broker', digits: 2, value: (run) => run.cpuMs.broker ?? NaN },
  { title: 'CPU ms: coordinator', digits: 2, value: (run) => run.cpuMs.coordinator ?? NaN },
  { title: 'CPU ms: sum', digits: 2, value: (run) => run.cpuMsSum },
  { title: '(load generator)', digits: 2, value: (run) => run.loadCpuMs },
  { title: 'MySQL round trips', digits: 1, value: (run) => run.roundTrips },
  { title: 'writing transactions', digits: 2, value: (run) => run.writingTransactions },
  { title: 'redo fsyncs', digits: 2, value: (run) => run.redoFsyncs },
  { title: 'redo bytes', digits: 0, value: (run) => run.redoBytes },
  { title: 'buffer pool reads', digits: 2, value: (run) => run.poolReads },
  { title: 'messages', digits: 2, value: (run) => run.messages },
  { title: 'peak MB, both banks', digits: 0, value: (run) => sum(Object.values(run.peakMb)) },
  { title: 'refused', digits: 0, value: (run) => sum(Object.values(run.failures)) },
];

/** Medians with their spread for each side, then the ratio pair by pair; everything that counts is per transfer. */
export function cellLines({ cell, runs }: CellFigures): string[] {
  const sides = Object.keys(runs);
  const [ours = [], theirs = [], others] = Object.values(runs);
  // Of two sides; with more there is no telling which ratio matters.
  const hasRatio = theirs.length > 0 && others === undefined;
  const ratio = {
    heading: 'ratio',
    digits: 2,
    spread: (value: Row['value']) => ratios(ours.map(value), theirs.map(value)),
  };
  return [
    '',
    `${cell.accounts} accounts, ${cell.callers} callers, ${ours.length} runs of each side (median, min–max)`,
    ...figureLines(sides, ROWS, Object.values(runs), hasRatio ? [ratio] : []),
  ];
}

export function startLines(starts: ReadonlyMap<string, readonly StartFigures[]>): string[] {
  return [...starts].flatMap(([side, processes]) =>
    processes.map(
      ({ process, readyMs, cpuMs }) =>
        `${side} ${process}: ready after ${(readyMs / 1000).toFixed(1)} s and ${(cpuMs / 1000).toFixed(1)} s of CPU`,
    ),
  );
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
