import { describe, expect, it } from '@jest/globals';
import type { Search } from './spin-output.js';
import { judge } from './verdict.js';

const search = (values: Partial<Search>): Search => ({
  states: 10,
  transitions: 20,
  depth: 5,
  memoryMb: 128,
  errors: 0,
  ...values,
});
const trail = (promise?: string) => ({ steps: ['a', 'b'], ...(promise && { promise }) });

const mustHold = { name: 'good', switches: [] };
const mustBreak = { name: 'broken', switches: ['WITHOUT_X'], breaks: 'paidOnce' };

describe('a check whose promises must hold', () => {
  it('is as expected when everything was explored without error', () => {
    expect(judge(mustHold, { search: search({}), seconds: 1 }).asExpected).toBe(true);
  });

  it('is not when something was left unexplored', () => {
    const verdict = judge(mustHold, { search: search({ incomplete: 'too deep' }), seconds: 1 });
    expect(verdict).toEqual({ asExpected: false, text: 'NOT EXPLORED: too deep' });
  });

  it('is not when a promise breaks', () => {
    const finding = { search: search({ errors: 1 }), trail: trail('paidOnce'), seconds: 1 };
    expect(judge(mustHold, finding)).toEqual({ asExpected: false, text: 'BROKEN: paidOnce, 2 steps' });
  });
});

describe('a check whose promise must break', () => {
  it('is as expected when that promise breaks', () => {
    const finding = { search: search({ errors: 1 }), trail: trail('paidOnce'), seconds: 1 };
    expect(judge(mustBreak, finding)).toEqual({ asExpected: true, text: 'paidOnce, 2 steps' });
  });

  it.each([
    ['nothing breaks', { search: search({}), seconds: 1 }],
    ['another promise breaks', { search: search({ errors: 1 }), trail: trail('ends'), seconds: 1 }],
    ['the error is no promise', { search: search({ errors: 1 }), trail: trail(), seconds: 1 }],
    ['there is no trail', { search: search({ errors: 1 }), seconds: 1 }],
    ['the search broke off', { search: search({ errors: NaN, incomplete: 'killed' }), seconds: 1 }],
  ])('is not when %s', (_what, finding) => {
    expect(judge(mustBreak, finding).asExpected).toBe(false);
  });
});
