import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { TxMsgConfigurationError } from 'txmsg';
import { resolveWebhooksOptions } from './webhooks.options.js';

const key = randomBytes(32).toString('base64');

describe('the options', () => {
  it('have the ladder of payment services and bounds by default', () => {
    expect(resolveWebhooksOptions({ encryptionKeys: [key] })).toMatchObject({
      ladderSeconds: [60, 300, 600, 1800, 3600, 7200, 18_000, 36_000],
      ...{ jitter: 0.1, answerBytesMax: 65_536, allowHttp: false, leaseMs: 45_000 },
    });
  });

  it('are refused with every wrong one in one report, and without showing a key', () => {
    const wrong = {
      ...{ encryptionKeys: ['short'], ladderSeconds: [0], jitter: 0.6, concurrency: 0, callTimeoutMs: 1.5 },
    };
    const refusal = (): unknown => resolveWebhooksOptions(wrong);
    expect(refusal).toThrow(TxMsgConfigurationError);
    for (const name of ['encryptionKeys', 'ladderSeconds', 'jitter', 'concurrency', 'callTimeoutMs'])
      expect(refusal).toThrow(new RegExp(name));
    expect(refusal).not.toThrow(/short/);
    expect(() => resolveWebhooksOptions({ encryptionKeys: [] })).toThrow(/at least one/);
  });
});
