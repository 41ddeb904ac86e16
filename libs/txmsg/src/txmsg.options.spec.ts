import { describe, expect, it } from '@jest/globals';
import { resolveOptions } from './txmsg.options.js';

const rocketmq = { endpoints: '127.0.0.1:8081' };

describe('resolveOptions', () => {
  it('fills every default in', () => {
    const { settings, problems } = resolveOptions({ rocketmq });
    expect(problems).toEqual([]);
    expect(settings).toMatchObject({
      sendTimeoutMs: 3000,
      handlerTimeoutMs: 10_000,
      barrierRetentionMs: 604_800_000,
      acceptUnsafeFlush: false,
    });
  });

  it('refuses a handler that could outlive its connection, and reports all problems together', () => {
    const { problems } = resolveOptions({
      rocketmq,
      handlerTimeoutMs: 15_000,
      sendTimeoutMs: 1.5,
      barrierRetentionMs: 1,
    });
    expect(problems).toHaveLength(3);
    expect(problems.join()).toContain('handlerTimeoutMs: 15000');
  });
});
