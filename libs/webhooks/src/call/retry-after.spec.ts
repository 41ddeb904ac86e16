import { describe, expect, it } from '@jest/globals';
import { retryAfterMs } from './retry-after.js';

const NOW = new Date('1994-11-06T08:49:30Z');
const ms = (header: unknown): number | undefined => retryAfterMs(header, NOW, 60_000);

describe('Retry-After', () => {
  it.each([
    ['0', 0],
    ['7', 7000],
    [' 7 ', 7000],
    ['61', 60_000],
    ['9999999999', 60_000],
    ['Sun, 06 Nov 1994 08:49:37 GMT', 7000],
    ['Sun, 06 Nov 1994 08:49:00 GMT', 0],
    ['Sun, 06 Nov 2094 08:49:37 GMT', 60_000],
  ])('of "%s" is %d ms', (header, expected) => {
    expect(ms(header)).toBe(expected);
  });

  it.each(['', '-1', '1.5', '1e3', '99999999999', 'tomorrow', '1994-11-06T08:49:37Z', undefined, ['7']])(
    'of %p asks for nothing',
    (header) => {
      expect(ms(header)).toBeUndefined();
    },
  );
});
