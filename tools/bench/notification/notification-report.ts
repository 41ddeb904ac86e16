import { ratios, spreadOf, type Spread } from '../transfer/figures.js';
import type { NotificationFigures } from './notification-run.js';

const TARGET = 1.5;
const TITLE_WIDTH = 22;
const COLUMN_WIDTH = 24;

interface Row {
  readonly title: string;
  readonly digits: number;
  readonly value: (run: NotificationFigures) => number;
}

const ROWS: readonly Row[] = [
  { title: 'messages', digits: 0, value: (run) => run.messages },
  { title: 'acknowledged', digits: 0, value: (run) => run.acknowledged },
  { title: 'p50 ms', digits: 1, value: (run) => run.p50 },
  { title: 'p99 ms', digits: 1, value: (run) => run.p99 },
  { title: 'slowest ms', digits: 1, value: (run) => run.slowest },
  { title: 'repeated calls', digits: 0, value: (run) => run.repeated },
  { title: 'calls of the dead', digits: 0, value: (run) => run.callsOfDead },
  { title: 'CPU %: service', digits: 0, value: (run) => run.cpuPercent.service ?? NaN },
  { title: 'CPU %: mysqld', digits: 0, value: (run) => run.cpuPercent.mysqld ?? NaN },
  { title: 'CPU %: broker', digits: 0, value: (run) => run.cpuPercent.broker ?? NaN },
  { title: '(sender, receivers)', digits: 0, value: (run) => run.cpuPercent.receivers ?? NaN },
];

/** Medians with their spread for each side, then the ratio pair by pair. */
export function notificationLines(runs: readonly NotificationFigures[]): string[] {
  const [without, beside] = (['without', 'with'] as const).map((side) =>
    runs.filter((run) => run.side === side),
  ) as [NotificationFigures[], NotificationFigures[]];
  const p99 = ratios(
    beside.map((run) => run.p99),
    without.map((run) => run.p99),
  );
  return [
    `${without.length} runs of each (median, min–max); times from sending to the stored acknowledgement of those who live`,
    line('', ['without the dead', 'with 30 dead', 'ratio']),
    ...ROWS.map(({ title, digits, value }) => {
      const [one, other] = [without.map(value), beside.map(value)];
      const ratio = title.endsWith('ms') ? text(ratios(other, one), 2) : '';
      return line(title, [text(spreadOf(one), digits), text(spreadOf(other), digits), ratio]);
    }),
    `p99 with the dead beside them is ${p99.median.toFixed(2)} × without; the target is at most ${TARGET}.`,
  ];
}

function line(title: string, columns: readonly string[]): string {
  return (
    title.padEnd(TITLE_WIDTH) +
    columns
      .map((column) => column.padStart(COLUMN_WIDTH))
      .join('')
      .trimEnd()
  );
}

function text({ min, median, max }: Spread, digits: number): string {
  if (!Number.isFinite(median)) return '–';
  return `${median.toFixed(digits)} (${min.toFixed(digits)}–${max.toFixed(digits)})`;
}
