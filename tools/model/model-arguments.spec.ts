import { describe, expect, it } from '@jest/globals';
import { parseArguments } from './model-arguments.js';

const good = { name: 'good', switches: [] };
const other = { name: 'other', switches: [] };
const broken = { name: 'broken', switches: ['WITHOUT_X'], breaks: 'paidOnce' };
const groups = [
  { title: 'good ones', checks: [good, other] },
  { title: 'broken ones', checks: [broken] },
];

describe('the arguments of npm run model', () => {
  it('mean everything when there are none', () => {
    expect(parseArguments([], groups)).toEqual({ command: 'CHECK', groups });
  });

  it('choose single checks', () => {
    expect(parseArguments(['--only', 'other'], groups)).toEqual({
      command: 'CHECK',
      groups: [{ title: 'good ones', checks: [other] }],
    });
  });

  it('ask for a trail', () => {
    expect(parseArguments(['--trail', 'broken'], groups)).toEqual({ command: 'TRAIL', check: broken });
  });

  it.each([
    [['--only', 'nonsense'], 'There is no "nonsense" in the table. Its names are: good, other, broken.'],
    [['--nonsense'], '--nonsense'],
    [['nonsense'], 'nonsense'],
    [['--only'], '--only'],
    [['--only', 'good', '--trail', 'broken'], 'npm run model'],
  ])('are refused with a reason: %j', (parameters, reason) => {
    expect(() => parseArguments(parameters, groups)).toThrow(reason);
  });
});
