import { describe, expect, it } from '@jest/globals';
import { fetchFailure } from './fetch-failure.js';

describe('why a request failed', () => {
  it('is said by the error that fetch keeps as the cause', () => {
    const cause = new Error('connect ECONNREFUSED 127.0.0.1:1');
    expect(fetchFailure(new TypeError('fetch failed', { cause }))).toBe('connect ECONNREFUSED 127.0.0.1:1');
  });

  it('names every address that was tried', () => {
    const tried = ['connect ECONNREFUSED ::1:1', 'connect ECONNREFUSED 127.0.0.1:1'];
    const cause = new AggregateError(tried.map((message) => new Error(message)));
    expect(fetchFailure(new TypeError('fetch failed', { cause }))).toBe(tried.join('; '));
  });

  it('is said by the error itself when it has no cause', () => {
    expect(fetchFailure(new Error('the answer is larger than 5 bytes'))).toBe(
      'the answer is larger than 5 bytes',
    );
  });
});
