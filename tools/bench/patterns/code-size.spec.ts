import { describe, expect, it } from '@jest/globals';
import { codeLines, linesIn, PATTERN_CODE } from './code-size.js';

describe('codeLines', () => {
  it('counts neither blank lines nor comments', () => {
    const source = `import { a } from 'b';

/** One line. */
export class C {
  /**
   * Several,

   * with a blank one.
   */
  readonly d = 'no // comment'; // and one behind it
  // A line of its own.
}
`;
    expect(codeLines(source)).toBe(4);
  });
});

describe('the code of each pattern', () => {
  it.each(Object.entries(PATTERN_CODE))('is found where %s has it', (_, { own, feature }) => {
    expect(linesIn(own)).toBeGreaterThan(0);
    expect(linesIn(feature)).toBeGreaterThanOrEqual(linesIn(own));
  });
});
