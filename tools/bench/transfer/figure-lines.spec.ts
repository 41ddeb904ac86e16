import { describe, expect, it } from '@jest/globals';
import { figureLines } from './figure-lines.js';
import { ratios } from './figures.js';

const SPEED = { title: 'speed', digits: 1, value: ({ speed }: { speed: number }) => speed };
const NOTHING = { title: 'nothing', digits: 1, value: () => NaN };
const of = (...speeds: number[]) => speeds.map((speed) => ({ speed }));
const words = (lines: readonly string[]): string[] =>
  lines.map((line) => line.trim().replace(/ {2,}/g, ' | '));

describe('figureLines', () => {
  it('has a column for each side, and leaves rows out that nobody has figures for', () => {
    const lines = figureLines(['a', 'b'], [SPEED, NOTHING], [of(1, 2, 4), of(3)]);
    expect(words(lines)).toEqual(['a | b', 'speed | 2.0 (1.0–4.0) | 3.0']);
  });

  it('says – where one side alone has no figure', () => {
    expect(words(figureLines(['a', 'b'], [SPEED], [of(1), of(NaN)]))).toEqual(['a | b', 'speed | 1.0 | –']);
  });

  it('adds further columns', () => {
    const [a, b] = [of(2, 9), of(1, 3)];
    const spread = (value: (run: { speed: number }) => number) => ratios(a.map(value), b.map(value));
    const lines = figureLines(['a', 'b'], [SPEED], [a, b], [{ heading: 'ratio', digits: 2, spread }]);
    expect(words(lines)).toEqual([
      'a | b | ratio',
      'speed | 5.5 (2.0–9.0) | 2.0 (1.0–3.0) | 2.50 (2.00–3.00)',
    ]);
  });
});
