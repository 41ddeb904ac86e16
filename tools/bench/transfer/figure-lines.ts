import { spreadOf, type Spread } from './figures.js';

export interface FigureRow<Figures> {
  readonly title: string;
  readonly digits: number;
  readonly value: (figures: Figures) => number;
}

/** A column beside those of the sides, made of the runs of all of them. */
export interface FurtherColumn<Figures> {
  readonly heading: string;
  readonly digits: number;
  readonly spread: (value: (figures: Figures) => number) => Spread;
}

const TITLE_WIDTH = 22;
const COLUMN_WIDTH = 24;

/**
 * A table with a column for each side: the median of its runs, with their spread. Rows to which no run has anything to say are
 * left out.
 * @param runs - by side, in the order of `sides`
 */
export function figureLines<Figures>(
  sides: readonly string[],
  rows: readonly FigureRow<Figures>[],
  runs: readonly (readonly Figures[])[],
  further: readonly FurtherColumn<Figures>[] = [],
): string[] {
  const heading = [...sides, ...further.map((column) => column.heading)];
  const shown = rows.filter(({ value }) => runs.flat().some((figures) => Number.isFinite(value(figures))));
  return [
    line('', heading),
    ...shown.map(({ title, digits, value }) =>
      line(title, [
        ...runs.map((ofSide) => text(spreadOf(ofSide.map(value)), digits)),
        ...further.map((column) => text(column.spread(value), column.digits)),
      ]),
    ),
  ];
}

function line(title: string, columns: readonly string[]): string {
  return title.padEnd(TITLE_WIDTH) + columns.map((column) => column.padStart(COLUMN_WIDTH)).join('');
}

function text({ min, median, max }: Spread, digits: number): string {
  if (!Number.isFinite(median)) return '–';
  if (min === max) return median.toFixed(digits);
  return `${median.toFixed(digits)} (${min.toFixed(digits)}–${max.toFixed(digits)})`;
}
