import { describe, expect, it } from '@jest/globals';
import { resolveOptions } from './txmsg.options.js';

const rocketmq = { endpoints: '127.0.0.1:8081' };

const DAY_MS = 86_400_000;

describe('resolveOptions', () => {
  it('fills every default in', () => {
    const { settings, problems } = resolveOptions({ rocketmq });
    expect(problems).toEqual([]);
    expect(settings).toMatchObject({
      sendTimeoutMs: 3000,
      handlerTimeoutMs: 10_000,
      barrierRetentionMs: 604_800_000,
      outboxRetentionMs: 604_800_000,
      checkHorizonMs: 259_200_000,
      reconciliationHorizonMs: 0,
      retentionIntervalMs: 60_000,
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

  it.each([
    [
      'a barrier that forgets while the broker may still ask',
      { barrierRetentionMs: 3_600_000 },
      'barrierRetentionMs: 3600000 is refused: at least 259200000, which is checkHorizonMs;',
    ],
    [
      'a barrier that forgets while reconciliation may still send again',
      {
        barrierRetentionMs: 3_600_000,
        checkHorizonMs: 0,
        outboxRetentionMs: 3_600_000,
        reconciliationHorizonMs: 3_600_001,
      },
      'barrierRetentionMs: 3600000 is refused: at least 3600001, which is reconciliationHorizonMs;',
    ],
    [
      'a barrier that forgets while the broker may still deliver what reconciliation has sent again',
      { barrierRetentionMs: 3 * DAY_MS, reconciliationHorizonMs: 3_600_000 },
      'barrierRetentionMs: 259200000 is refused: at least 262800000, which is checkHorizonMs and reconciliationHorizonMs;',
    ],
    [
      'an outbox that forgets while somebody may still wait',
      { outboxRetentionMs: 3_600_000, reconciliationHorizonMs: 3_600_001 },
      'outboxRetentionMs: 3600000 is refused: at least 3600001, which is reconciliationHorizonMs',
    ],
    [
      'an outbox that remembers what barriers have forgotten',
      { outboxRetentionMs: 604_800_001 },
      'outboxRetentionMs: 604800001 is refused: at most 604800000, which is barrierRetentionMs',
    ],
  ])('refuses %s, naming both values', (_what, options, problem) => {
    const { problems } = resolveOptions({ rocketmq, ...options });
    expect(problems[0]).toContain(problem);
  });

  it('keeps published messages no longer than barrier rows unless told otherwise', () => {
    const { settings, problems } = resolveOptions({ rocketmq, barrierRetentionMs: 259_200_000 });
    expect(problems).toEqual([]);
    expect(settings.outboxRetentionMs).toBe(259_200_000);
  });
});
