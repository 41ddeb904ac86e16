import { escapeXml } from '../bench/chart/svg-text.js';

/** A span of one trace; moments in ms, by one clock. */
export interface WaterfallSpan {
  readonly service: string;
  readonly name: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly startMs: number;
  readonly endMs: number;
}

interface Row {
  readonly span: WaterfallSpan;
  readonly depth: number;
}

const WIDTH = 960;
const BARS = { left: 330, right: WIDTH - 70 };
const TOP = 64;
const ROW = 22;
const COLOURS = ['#1f77b4', '#2ca02c', '#9467bd', '#d62728'];
/** A pause in which nothing runs is drawn as so many ms, or a wait of seconds would hide all else. */
const PAUSE_MS = 30;

/** One row for each span, below its parent's, in the order in which they begin. For any browser, without scripts. */
export function waterfall(title: string, spans: readonly WaterfallSpan[]): string {
  const rows = inTreeOrder(spans);
  const { x, pauses } = timeScale(spans);
  const services = [...new Set(rows.map(({ span }) => span.service))];
  const colourOf = (service: string): string => COLOURS[services.indexOf(service) % COLOURS.length] ?? '';
  const height = TOP + rows.length * ROW + 12;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" style="font: 12px sans-serif">`,
    '<rect width="100%" height="100%" fill="#fff"/>',
    text(12, 20, title, 'font-weight="bold"'),
    ...services.map((service, index) => text(12 + index * 80, 42, service, `fill="${colourOf(service)}"`)),
    ...pauses.flatMap(({ atMs, lengthMs }) => [
      `<path d="M${round(x(atMs))} ${TOP - 8}V${height - 8}" stroke="#999" stroke-dasharray="2 3"/>`,
      text(x(atMs), TOP - 14, `${duration(lengthMs)} pause`, 'text-anchor="middle" fill="#666"'),
    ]),
    ...rows.flatMap(({ span, depth }, index) => {
      const y = TOP + index * ROW;
      const [from, to] = [x(span.startMs), x(span.endMs)];
      const bar = `x="${round(from)}" y="${y + 4}" width="${round(Math.max(1.5, to - from))}" height="${ROW - 8}"`;
      return [
        text(12 + depth * 14, y + 15, span.name, `fill="${colourOf(span.service)}"`),
        `<rect ${bar} rx="2" fill="${colourOf(span.service)}"/>`,
        text(to + 5, y + 15, duration(span.endMs - span.startMs), 'fill="#444"'),
      ];
    }),
    '</svg>',
    '',
  ].join('\n');
}

function inTreeOrder(spans: readonly WaterfallSpan[]): Row[] {
  const known = new Set(spans.map(({ spanId }) => spanId));
  const below = (parent: string | undefined, depth: number): Row[] =>
    spans
      .filter(({ parentSpanId = '' }) => (known.has(parentSpanId) ? parentSpanId : undefined) === parent)
      .sort((a, b) => a.startMs - b.startMs)
      .flatMap((span) => [{ span, depth }, ...below(span.spanId, depth + 1)]);
  return below(undefined, 0);
}

/** Where a moment at which a span begins or ends lies, and the pauses that are drawn shorter than they were. */
function timeScale(spans: readonly WaterfallSpan[]) {
  const moments = [...new Set(spans.flatMap(({ startMs, endMs }) => [startMs, endMs]))].sort((a, b) => a - b);
  const drawnAt = new Map<number, number>();
  const pauses: { atMs: number; lengthMs: number }[] = [];
  let drawn = 0;
  moments.forEach((moment, index) => {
    const before = moments[index - 1] ?? moment;
    const lengthMs = moment - before;
    const isIdle = !spans.some(({ startMs, endMs }) => startMs <= before && endMs >= moment);
    const isPause = isIdle && lengthMs > PAUSE_MS;
    drawn += isPause ? PAUSE_MS : lengthMs;
    drawnAt.set(moment, drawn);
    if (isPause) {
      const atMs = moment - lengthMs / 2;
      drawnAt.set(atMs, drawn - PAUSE_MS / 2);
      pauses.push({ atMs, lengthMs });
    }
  });
  const x = (moment: number): number =>
    BARS.left + ((BARS.right - BARS.left) * (drawnAt.get(moment) ?? 0)) / Math.max(drawn, 1);
  return { x, pauses };
}

function duration(ms: number): string {
  return ms >= 1000 ? `${(ms / 1000).toFixed(1)} s` : `${ms.toFixed(1)} ms`;
}

function text(x: number, y: number, content: string, attributes: string): string {
  return `<text x="${round(x)}" y="${round(y)}" ${attributes}>${escapeXml(content)}</text>`;
}

function round(value: number): string {
  return value.toFixed(1);
}
