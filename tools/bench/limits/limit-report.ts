import type { LimitFigures } from './limit-meter.js';

const TITLE_WIDTH = 42;
const COLUMN_WIDTH = 12;
const PROCESSES = ['client', 'mysqld', 'broker'] as const;

/** One line each; CPU is per operation, a local transaction or a message. */
export function limitLines(figures: readonly LimitFigures[]): string[] {
  const headings = ['at once', 'per second', 'COMMITs/s', ...PROCESSES.map((name) => `ms ${name}`)];
  return [line('', headings), ...figures.map((row) => line(row.title, cells(row)))];
}

function cells({ callers, perSecond, commitsPerSecond, cpuMs }: LimitFigures): string[] {
  return [
    String(callers),
    text(perSecond, 0),
    text(commitsPerSecond, 0),
    ...PROCESSES.map((name) => text(cpuMs[name] ?? NaN, 3)),
  ];
}

function line(title: string, columns: readonly string[]): string {
  return title.padEnd(TITLE_WIDTH) + columns.map((column) => column.padStart(COLUMN_WIDTH)).join('');
}

function text(value: number, digits: number): string {
  return Number.isFinite(value) ? value.toFixed(digits) : '–';
}
