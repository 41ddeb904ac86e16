import { describe, expect, it } from '@jest/globals';
import { StackError } from './stack-error.js';
import { waitUntil } from './wait-until.js';

const soon = { deadlineMs: 200, intervalMs: 5 };

describe('waitUntil', () => {
  it('asks again until the answer is yes; an error is a no', async () => {
    const answers = [false, new Error('refused'), true];
    await waitUntil('It', { ...soon, deadlineMs: 60_000 }, () => {
      const answer = answers.shift();
      if (answer instanceof Error) throw answer;
      return answer ?? false;
    });
    expect(answers).toEqual([]);
  });

  it('ends with what was awaited, the last error and where to look', async () => {
    const wait = waitUntil('The answer of MySQL', { ...soon, hint: 'Its log: /x' }, () => {
      throw new Error('refused');
    });
    await expect(wait).rejects.toThrow(
      'The answer of MySQL did not happen within 0.2 s. Last error: refused Its log: /x',
    );
  });

  it('does not wait on after a failure that is final', async () => {
    const asked: number[] = [];
    const wait = waitUntil('It', soon, () => {
      asked.push(1);
      throw new StackError('It ended while starting.');
    });
    await expect(wait).rejects.toThrow('It ended while starting.');
    expect(asked).toHaveLength(1);
  });
});
