import { describe, expect, it } from '@jest/globals';
import { lineChart, scale, ticks } from './line-chart.js';
import { mean, slope } from './trend.js';

describe('slope', () => {
  it('is that of a line whose points lie on it', () => {
    expect(
      slope([
        [0, 1],
        [1, 3],
        [2, 5],
      ]),
    ).toBe(2);
  });

  it('lies between points that scatter', () => {
    expect(
      slope([
        [0, 0],
        [1, 3],
        [2, 0],
        [3, 3],
      ]),
    ).toBeCloseTo(0.6);
  });

  it('is unknown for a single point', () => {
    expect(slope([[1, 1]])).toBeNaN();
  });
});

describe('mean', () => {
  it('is the sum by the count', () => {
    expect(mean([1, 2, 6])).toBe(3);
  });
});

describe('ticks', () => {
  it.each([
    [97, [0, 20, 40, 60, 80, 100]],
    [30, [0, 5, 10, 15, 20, 25, 30]],
    [0.3, [0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3]],
    [0, [0, 0.2, 0.4, 0.6, 0.8, 1]],
  ])('to %d are even numbers', (max, expected) => {
    expect(ticks(max)).toEqual(expected);
  });
});

describe('scale', () => {
  it('goes from the first edge to the other, upwards and downwards', () => {
    expect([0, 50, 100].map(scale([0, 100], 10, 30))).toEqual([10, 20, 30]);
    expect([0, 50, 100].map(scale([0, 100], 300, 100))).toEqual([300, 200, 100]);
  });
});

describe('lineChart', () => {
  const svg = lineChart({
    title: 'a < b',
    xTitle: 'minutes',
    lines: [
      {
        name: 'p50',
        points: [
          [0, 0],
          [1, NaN],
          [2, 100],
        ],
      },
    ],
  });

  it('draws what could be measured, and names it', () => {
    expect(svg).toContain('<polyline points="56.0,260.0 744.0,52.0"');
    expect(svg).toContain('a &lt; b');
    expect(svg).toContain('>p50</text>');
  });
});
