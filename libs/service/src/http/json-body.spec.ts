import { describe, expect, it } from '@jest/globals';
import { nestsDeeperThan } from './json-body.js';

describe('nestsDeeperThan', () => {
  it.each(['{}', '[[]]', '{"a":{"b":1}}', '{"a":"[[[[[["}', '{"a":"\\"[[[[["}', '[[],[],[],[]]', '"x"', ''])(
    'lets %s pass',
    (text) => {
      expect(nestsDeeperThan(2, text)).toBe(false);
    },
  );

  it.each(['[[[]]]', '{"a":{"b":{}}}', '{"a":"\\\\","b":[[1]]}', '[[['])('stops %s', (text) => {
    expect(nestsDeeperThan(2, text)).toBe(true);
  });
});
