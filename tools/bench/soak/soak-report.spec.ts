import { describe, expect, it } from '@jest/globals';
import { loadLine, memoryLines, soakCharts } from './soak-report.js';
import type { SoakSample } from './soak-sampler.js';

/** Half an hour, a sample each minute: bank1 fills its heap and stays, bank2 leaks 1 MB a minute. */
const samples: SoakSample[] = Array.from({ length: 31 }, (_, minutes) => ({
  minutes,
  residentMb: { bank1: Math.min(100, 50 + minutes * 10), bank2: 100 + minutes },
  httpP50: 5,
  httpP99: 20,
  lagP50: 30,
  lagP99: NaN,
  creditedPerSecond: 300,
}));

describe('memoryLines', () => {
  it('judges the last two thirds of the time', () => {
    expect(memoryLines(samples)).toEqual([
      'bank1: memory is flat in the last 20.0 minutes: +0.00 MB a minute, 100 MB on average',
      'bank2: memory GROWS in the last 20.0 minutes: +1.00 MB a minute, 120 MB on average',
    ]);
  });

  it('does not judge a single sample', () => {
    expect(memoryLines(samples.slice(0, 1)).join()).toContain('bank1: memory is unknown');
  });
});

describe('soakCharts', () => {
  it('draws a line for each bank', () => {
    const { memory = '' } = soakCharts(samples);
    expect(memory.match(/<polyline/g)).toHaveLength(2);
  });
});

describe('loadLine', () => {
  const result = { due: 100, accepted: 100, late: 0, notBegun: 0, failures: new Map<number, number>() };

  it('says that the rate was kept', () => {
    expect(loadLine(10, result)).toBe('10 transfers a second, 100 in all: 100 accepted; kept up');
  });

  it.each([
    [{ late: 1 }, '1 began more than 100 ms late, 0 never'],
    [{ notBegun: 1 }, '0 began more than 100 ms late, 1 never'],
  ])('says that it was not: %j', (slow, sentence) => {
    expect(loadLine(10, { ...result, ...slow })).toContain(`did not keep up: ${sentence}`);
  });

  it('says what was refused, late, or never begun', () => {
    const slow = { due: 100, accepted: 80, late: 7, notBegun: 15, failures: new Map([[503, 5]]) };
    expect(loadLine(10, slow)).toBe(
      '10 transfers a second, 100 in all: 80 accepted, 5 answered 503; ' +
        'did not keep up: 7 began more than 100 ms late, 15 never',
    );
  });
});
