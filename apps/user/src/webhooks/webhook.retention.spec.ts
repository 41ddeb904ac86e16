import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { shutdownPhases } from '@txmsg/service';
import type { DatabaseTransactions } from 'txmsg';
import type { UserSettings } from '../user-settings.js';
import { WebhookRetention } from './webhook.retention.js';

const settings = {
  custodyWebhookSecrets: ['whsec_of-custody'],
  retentionIntervalMs: 10,
  barrierRetentionMs: 86_400_000,
  shutdownTimeoutMs: 9000,
} as unknown as UserSettings;

describe('the deletion of old webhook rows', () => {
  let batches: number;
  let run: () => Promise<never>;
  let retention: WebhookRetention;

  beforeEach(() => {
    jest.useFakeTimers();
    jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
    batches = 0;
    const transactions = {
      run: () => {
        batches += 1;
        return run();
      },
    } as unknown as DatabaseTransactions;
    retention = new WebhookRetention(transactions, settings);
  });
  afterEach(() => {
    jest.useRealTimers();
    jest.restoreAllMocks();
  });

  it('begins no batch any more once the service is told to end, before whatever hangs has ended', async () => {
    run = () => Promise.reject(new Error('away'));
    retention.onApplicationBootstrap();
    await jest.advanceTimersByTimeAsync(100);
    expect(batches).toBeGreaterThan(0);
    retention.onModuleDestroy();
    const begun = batches;
    await jest.advanceTimersByTimeAsync(1000);
    expect(batches).toBe(begun);
  });

  it('waits for a batch that hangs from the signal on, whenever its turn to end comes', async () => {
    run = () => new Promise(() => undefined);
    retention.onApplicationBootstrap();
    await jest.advanceTimersByTimeAsync(100);
    retention.onModuleDestroy();
    await jest.advanceTimersByTimeAsync(shutdownPhases(settings).workEndsMs);
    let isOver = false;
    void retention.beforeApplicationShutdown().then(() => (isOver = true));
    await jest.advanceTimersByTimeAsync(0);
    expect(isOver).toBe(true);
  });
});
