import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { SeataLifecycle } from './seata.lifecycle.js';

describe('the end of the application', () => {
  afterEach(() => {
    jest.restoreAllMocks();
  });

  it('gives everything that may hang the same time, from the signal on', async () => {
    let nowMs = 1000;
    jest.spyOn(performance, 'now').mockImplementation(() => nowMs);
    const limits: Record<string, number[]> = {};
    const stopping = (name: string) => (timeoutMs: number) => {
      (limits[name] ??= []).push(timeoutMs);
      return Promise.resolve();
    };
    const parts = [
      { stop: stopping('channels') },
      { idle: stopping('branches'), stop: stopping('branches') },
      { stop: stopping('fences') },
      {},
      { stop: stopping('markers') },
      {},
      {},
      { shutdownTimeoutMs: 4000 },
    ] as unknown as ConstructorParameters<typeof SeataLifecycle>;
    const lifecycle = new SeataLifecycle(...parts);
    lifecycle.onModuleDestroy();
    expect(limits).toEqual({ fences: [4000], markers: [4000] });
    // Other modules wait in their hooks.
    nowMs += 3000;
    await lifecycle.beforeApplicationShutdown();
    nowMs += 500;
    await lifecycle.onApplicationShutdown();
    expect(limits).toMatchObject({ branches: [1000, 500], fences: [4000], markers: [4000] });
  });
});
