import { setTimeout as delay } from 'node:timers/promises';

/** Resolves as soon as it is true; rejects after `timeoutMs`. */
export async function until(isTrue: () => boolean, timeoutMs = 10_000): Promise<void> {
  const endsAt = performance.now() + timeoutMs;
  while (!isTrue()) {
    if (performance.now() > endsAt)
      throw new Error(`It was not true within ${timeoutMs} ms: ${isTrue.toString()}`);
    await delay(5);
  }
}
