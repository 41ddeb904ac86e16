import { describe, expect, it } from '@jest/globals';
import { readingCost, whyTooLittleHeap } from './memory-budget.js';
import { DEFAULT_MESSAGE_LIMITS } from './message-limits.js';

const listener = { consumerGroup: 'c', concurrency: 8, batchSizeMax: 32, limits: DEFAULT_MESSAGE_LIMITS };
/** Less than Node gives itself in a container of 320 MB. */
const HEAP = 160 * 1024 * 1024;

describe('the memory budget of reading messages', () => {
  it('fits with the defaults into the heap of a small container', () => {
    expect(readingCost(DEFAULT_MESSAGE_LIMITS)).toBeLessThan(8e6);
    expect(whyTooLittleHeap([listener], HEAP)).toBeUndefined();
  });

  it('is said not to fit when concurrency or limits are raised, with what to do about it', () => {
    expect(whyTooLittleHeap([{ ...listener, concurrency: 64 }], HEAP)).toMatch(
      /may take \d+ MB of the heap's 168 MB \(c\)\. Lower concurrency, batchSizeMax or the limits/,
    );
    const limits = { ...DEFAULT_MESSAGE_LIMITS, bodyBytesMax: 1_048_576 };
    expect(whyTooLittleHeap([{ ...listener, limits }], HEAP)).toContain('messageLimits');
  });

  it('counts the messages that wait in batches', () => {
    expect(whyTooLittleHeap([{ ...listener, batchSizeMax: 256 }], HEAP)).toContain('batchSizeMax');
  });

  it('counts all listeners of a service together', () => {
    expect(whyTooLittleHeap([listener, { ...listener, consumerGroup: 'd' }], HEAP)).toContain('(c, d)');
  });
});
