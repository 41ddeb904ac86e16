import { describe, expect, it } from '@jest/globals';
import { createClientLogger } from './client-logger.js';

describe('the logger given to the client', () => {
  it('has every method the client calls, even when ours has no debug()', () => {
    const ours = { log: () => undefined, warn: () => undefined, error: () => undefined };
    const logger = createClientLogger(ours);
    for (const method of ['debug', 'info', 'warn', 'error', 'close'] as const) {
      expect(() => {
        logger[method]('text %s', 1);
      }).not.toThrow();
    }
  });

  it('writes nothing louder than debug', () => {
    const debug: unknown[] = [];
    const loud = () => {
      throw new Error('too loud');
    };
    const logger = createClientLogger({
      log: loud,
      warn: loud,
      error: loud,
      debug: (text) => debug.push(text),
    });
    logger.error('Failed %s', 'here');
    expect(debug).toEqual(['Failed here']);
  });
});
