import { describe, expect, it } from '@jest/globals';
import { parseCommand } from './bench-options.js';

describe('the benchmarks’ command line', () => {
  it('has defaults for everything', () => {
    expect(parseCommand(['transfer'])).toEqual({
      kind: 'transfer',
      options: {
        peer: undefined,
        accounts: ['many', 'hot'],
        callers: [1, 64],
        pairs: 5,
        seconds: 10,
        warmUp: 30_000,
        json: undefined,
        settings: {},
      },
    });
  });

  it('reads every option', () => {
    const words =
      '--peer /p --accounts hot --callers 1,16 --pairs 2 --seconds 3 --warm-up 0 --json /f --set A_B=c=d';
    expect(parseCommand(['transfer', ...words.split(' ')])).toEqual({
      kind: 'transfer',
      options: {
        peer: '/p',
        accounts: ['hot'],
        callers: [1, 16],
        pairs: 2,
        seconds: 3,
        warmUp: 0,
        json: '/f',
        settings: { A_B: 'c=d' },
      },
    });
  });

  it.each([
    [['sprint'], '"sprint" is no benchmark'],
    [[], 'No benchmark was named'],
    [['purge', '--pairs', '3'], "Unknown option '--pairs'"],
    [['transfer', '--callers', '1,x'], '--callers is "x": a whole number from 1 to 1024 was expected'],
    [['transfer', '--pairs', '0'], '--pairs is "0"'],
    [['transfer', '--accounts', 'few'], '--accounts is "few"'],
    [['transfer', '--set', 'x'], '--set is "x": NAME=VALUE was expected'],
  ])('refuses %j', (parameters, sentence) => {
    expect(() => parseCommand(parameters)).toThrow(sentence);
  });
});
