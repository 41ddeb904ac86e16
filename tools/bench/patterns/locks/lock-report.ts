import { figureLines, type FigureRow } from '../../transfer/figure-lines.js';
import type { Holds, LockFigures } from './lock-run.js';

const HOLDS = [
  { title: 'p50 ms', digits: 1, value: ({ p50 }: Holds) => p50 },
  { title: 'p99 ms', digits: 1, value: ({ p99 }: Holds) => p99 },
  { title: 'times', digits: 2, value: ({ perTransfer }: Holds) => perTransfer },
];

const ROWS: readonly FigureRow<LockFigures>[] = [
  ...(['rows', 'global'] as const).flatMap((kind) =>
    (['payer', 'payee'] as const).flatMap((who) =>
      HOLDS.map(({ title, digits, value }) => ({
        title: `${kind === 'rows' ? 'row' : 'global'}, ${who}: ${title}`,
        digits,
        value: (figures: LockFigures) => value(figures[kind][who]),
      })),
    ),
  ),
  { title: 'coordinator frames', digits: 1, value: ({ frames }) => frames },
];

/** How long locks are held, a column for each side. */
export function lockLines(callers: number, sides: Readonly<Record<string, LockFigures>>): string[] {
  return [
    '',
    `How long locks are held, many accounts, ${callers} callers (times: for one transfer)`,
    ...figureLines(
      Object.keys(sides),
      ROWS,
      Object.values(sides).map((figures) => [figures]),
    ),
  ];
}
