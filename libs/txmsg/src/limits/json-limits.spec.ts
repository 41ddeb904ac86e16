import { describe, expect, it } from '@jest/globals';
import { excessOf } from './json-limits.js';
import { DEFAULT_MESSAGE_LIMITS, resolveLimits, type MessageLimits } from './message-limits.js';

const LIMITS: MessageLimits = {
  bodyBytesMax: 2000,
  depthMax: 3,
  valuesMax: 10,
  stringBytesMax: 100,
  numberCharactersMax: 20,
};
const excess = (json: string): string | undefined => excessOf(Buffer.from(json), LIMITS);

describe('the limits of what JSON may blow up into', () => {
  it.each([
    ['a body', 'x'.repeat(2001), 'its body has 2001 bytes, more than 2000 (bodyBytesMax)'],
    ['a nesting', '[[{"a":[1]}]]', 'depthMax'],
    ['an array', `[${'1,'.repeat(9)}1]`, 'valuesMax'],
    ['an object', `{${'"a":1,'.repeat(9)}"a":1}`, 'valuesMax'],
    ['a string', `["${'a'.repeat(101)}"]`, 'stringBytesMax'],
    ['a string of many bytes in few characters', `["${'张'.repeat(34)}"]`, 'stringBytesMax'],
    ['a string that never ends', `["${'a'.repeat(102)}`, 'stringBytesMax'],
    ['a string of escapes', `["${'\\"'.repeat(51)}"]`, 'stringBytesMax'],
    ['a key', `{"${'k'.repeat(101)}":1}`, 'stringBytesMax'],
    ['a number', `[1${'0'.repeat(20)}]`, 'numberCharactersMax'],
    ['an exponent', `[1e${'9'.repeat(19)}]`, 'numberCharactersMax'],
    ['garbage that looks like a number', 'e'.repeat(21), 'numberCharactersMax'],
  ])('%s beyond them is found', (_what, json, expected) => {
    expect(excess(json)).toContain(expected);
  });

  it.each([
    ['nesting', '[[{"a":1}]]'],
    ['siblings that were closed before', '[[[1]],[[2]]]'],
    ['values', `[${'1,'.repeat(8)}1]`],
    ['a string', `["${'a'.repeat(100)}"]`],
    ['a number', `[-${'1'.repeat(17)}.5]`],
    ['what only looks like structure inside a string', `["${'[{,'.repeat(30)}\\""]`],
    ['nothing', ''],
    ['an open escape at the end', '"\\'],
  ])('%s within them passes', (_what, json) => {
    expect(excess(json)).toBeUndefined();
  });

  it('has defaults that let every byte of a garbage body of that size be looked at', () => {
    const garbage = Buffer.alloc(DEFAULT_MESSAGE_LIMITS.bodyBytesMax, '[0],');
    expect(excessOf(garbage, DEFAULT_MESSAGE_LIMITS)).toContain('valuesMax');
    expect(excessOf(Buffer.alloc(65_536, '1 '), DEFAULT_MESSAGE_LIMITS)).toBeUndefined();
  });
});

describe('the options', () => {
  it('have defaults, each of which may be replaced', () => {
    expect(resolveLimits({ depthMax: 5 })).toEqual({
      limits: { ...DEFAULT_MESSAGE_LIMITS, depthMax: 5 },
      problems: [],
    });
  });

  it('say of each limit that breaks its rule what it may be', () => {
    expect(resolveLimits({ bodyBytesMax: 0, valuesMax: 1.5 }).problems).toEqual([
      'messageLimits.bodyBytesMax: 0 is refused: it must be a whole number from 1024 to 3145728.',
      'messageLimits.valuesMax: 1.5 is refused: it must be a whole number from 1 to 1000000.',
    ]);
  });
});
