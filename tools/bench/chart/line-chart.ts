import { escapeXml } from './svg-text.js';
import type { Point } from './trend.js';

export interface Chart {
  readonly title: string;
  readonly xTitle: string;
  readonly lines: readonly { readonly name: string; readonly points: readonly Point[] }[];
}

const WIDTH = 760;
const HEIGHT = 300;
const AREA = { left: 56, right: WIDTH - 16, top: 52, bottom: HEIGHT - 40 };
const COLOURS = ['#1f77b4', '#d62728', '#2ca02c', '#9467bd'];
const TICKS_MAX = 6;

/** From 0 to at least `max` in steps of 1, 2 or 5 times a power of ten. */
export function ticks(max: number): number[] {
  const least = (max > 0 ? max : 1) / TICKS_MAX;
  const power = 10 ** Math.floor(Math.log10(least));
  const step = ([1, 2, 5].find((factor) => factor * power >= least) ?? 10) * power;
  const count = Math.ceil((max > 0 ? max : 1) / step);
  // Multiplying keeps 0.3 from becoming 0.30000000000000004.
  return Array.from({ length: count + 1 }, (_, index) => Number((index * step).toPrecision(12)));
}

/** A picture for any browser, without scripts. Both axes begin at 0; values that could not be measured are left out. */
export function lineChart({ title, xTitle, lines }: Chart): string {
  const known = lines.map((line) => ({ ...line, points: line.points.filter(([, y]) => Number.isFinite(y)) }));
  const all = known.flatMap(({ points }) => points);
  const xTicks = ticks(Math.max(0, ...all.map(([x]) => x)));
  const yTicks = ticks(Math.max(0, ...all.map(([, y]) => y)));
  const x = scale(xTicks, AREA.left, AREA.right);
  const y = scale(yTicks, AREA.bottom, AREA.top);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}" style="font: 12px sans-serif">`,
    `<rect width="100%" height="100%" fill="#fff"/>`,
    text(AREA.left, 18, title, 'font-weight="bold"'),
    ...yTicks.flatMap((tick) => [
      `<path d="M${AREA.left} ${round(y(tick))}H${AREA.right}" stroke="#ddd"/>`,
      text(AREA.left - 6, y(tick) + 4, String(tick), 'text-anchor="end"'),
    ]),
    ...xTicks.map((tick) => text(x(tick), AREA.bottom + 16, String(tick), 'text-anchor="middle"')),
    text((AREA.left + AREA.right) / 2, HEIGHT - 8, xTitle, 'text-anchor="middle"'),
    ...known.flatMap(({ name, points }, index) => {
      const colour = COLOURS[index % COLOURS.length] ?? '';
      const path = points.map(([atX, atY]) => `${round(x(atX))},${round(y(atY))}`).join(' ');
      return [
        `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="1.5"/>`,
        text(AREA.left + index * 140, 38, name, `fill="${colour}"`),
      ];
    }),
    '</svg>',
    '',
  ].join('\n');
}

/** Where on the picture a value lies. */
export function scale(values: readonly number[], from: number, to: number): (value: number) => number {
  const last = values.at(-1) ?? 1;
  return (value) => from + ((to - from) * value) / last;
}

function text(x: number, y: number, content: string, attributes: string): string {
  return `<text x="${round(x)}" y="${round(y)}" ${attributes}>${escapeXml(content)}</text>`;
}

function round(value: number): string {
  return value.toFixed(1);
}
