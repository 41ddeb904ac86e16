import { describe, expect, it } from '@jest/globals';
import { waterfall, type WaterfallSpan } from './waterfall.js';

const span = (spanId: string, parentSpanId: string, startMs: number, endMs: number): WaterfallSpan => ({
  service: spanId.startsWith('b') ? 'bank2' : 'bank1',
  name: `<${spanId}>`,
  spanId,
  parentSpanId,
  startMs,
  endMs,
});
/** The content of every text, in the order of the picture. */
const textsOf = (picture: string): string[] =>
  [...picture.matchAll(/<text [^>]*>([^<]*)<\/text>/g)].map(([, content = '']) => content);
const barsOf = (picture: string): number[][] =>
  [...picture.matchAll(/<rect x="([\d.]+)" y="\d+" width="([\d.]+)"/g)].map(([, x, width]) => [
    Number(x),
    Number(width),
  ]);

describe('the picture of a trace', () => {
  const picture = waterfall('one & all', [
    span('b2', 'a', 1010, 1020),
    span('a1', 'a', 2, 8),
    span('a', 'not here', 0, 10),
    span('b3', 'b2', 1012, 1013),
  ]);

  it('has a row for each span, below that of its parent, with how long it took', () => {
    expect(textsOf(picture)).toEqual([
      'one &amp; all',
      'bank1',
      'bank2',
      '1.0 s pause',
      ...['&lt;a&gt;', '10.0 ms', '&lt;a1&gt;', '6.0 ms', '&lt;b2&gt;', '10.0 ms', '&lt;b3&gt;', '1.0 ms'],
    ]);
  });

  it('draws what happens to scale, and a long pause short', () => {
    const [a, a1, b2, b3] = barsOf(picture).map(([x = 0, width = 0]) => ({ x, width }));
    expect(a?.x).toBe(330);
    // 10 ms of a, 30 for the pause, 10 of b2, in 560 pixels.
    expect([a?.width, a1?.width, b2?.width, b3?.width]).toEqual([112, 67.2, 112, 11.2]);
    expect(b2?.x).toBe(778);
  });

  it('shortens nothing while a span runs', () => {
    const [a, a1] = barsOf(waterfall('', [span('a', '', 0, 500), span('a1', 'a', 490, 500)]));
    expect([a, a1]).toEqual([
      [330, 560],
      [878.8, 11.2],
    ]);
  });

  it('is one even of a span that took no time', () => {
    expect(barsOf(waterfall('', [span('a', '', 5, 5)]))).toEqual([[330, 1.5]]);
  });
});
