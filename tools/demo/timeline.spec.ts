import { describe, expect, it } from '@jest/globals';
import { Terminal } from './terminal.js';
import { renderTimeline } from './timeline.js';

const plain = new Terminal({ output: { write: () => true }, progress: { write: () => true } }, {});

describe('renderTimeline', () => {
  it('puts the entries in the order of their times, whoever reported them first', () => {
    const lines = renderTimeline(plain, 1000, [
      { atMs: 1000, who: 'you', what: 'call' },
      { atMs: 1030, who: 'bank1', what: 'told the broker' },
      { atMs: 1020, who: 'you', what: 'get the answer' },
    ]);
    expect(lines).toEqual([
      '        0 ms  you    call',
      '       20 ms  you    get the answer',
      '       30 ms  bank1  told the broker',
    ]);
  });

  it('invents no time: what nothing recorded stays where it was said, with a question mark', () => {
    const lines = renderTimeline(plain, 1000, [
      { atMs: 1000, who: 'you', what: 'call' },
      { atMs: undefined, who: 'bank1', what: 'half message' },
      { atMs: 1040, who: 'bank2', what: 'credited' },
      { atMs: 1020, who: 'you', what: 'get the answer' },
    ]);
    expect(lines.map((line) => line.slice(0, 19).trim())).toEqual([
      '0 ms  you',
      '? ms  bank1',
      '20 ms  you',
      '40 ms  bank2',
    ]);
  });
});
