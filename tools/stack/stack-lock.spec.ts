import { afterAll, describe, expect, it } from '@jest/globals';
import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { withLock } from './stack-lock.js';

const directory = mkdtempSync(join(tmpdir(), 'stack-lock-'));
const options = { what: 'this test', deadlineMs: 5000, onWait: () => undefined };

afterAll(() => {
  rmSync(directory, { recursive: true });
});

describe('withLock', () => {
  it('lets one at a time work, and says when it has to wait', async () => {
    const path = join(directory, 'one');
    const events: string[] = [];
    let announce = (): void => undefined;
    const secondWaits = new Promise<void>((resolve) => (announce = resolve));
    const first = withLock(path, options, async () => {
      events.push('first begins');
      await secondWaits;
      events.push('first ends');
    });
    const onWait = (): void => {
      events.push('second waits');
      announce();
    };
    while (events.length === 0) await sleep(5);
    await withLock(path, { ...options, onWait }, () => Promise.resolve(events.push('second begins')));
    await first;
    expect(events).toEqual(['first begins', 'second waits', 'first ends', 'second begins']);
  });

  it('keeps locks apart that lie in one folder', async () => {
    const [a, b] = [join(directory, 'a'), join(directory, 'b')];
    const both = Promise.all([a, b].map((path) => withLock(path, options, () => sleep(4000, path))));
    // The library renews its locks after three seconds, and once confused these two.
    await expect(both).resolves.toEqual([a, b]);
    expect([a, b].map((path) => existsSync(path))).toEqual([false, false]);
  });

  it('takes over from a holder that was killed', async () => {
    const path = join(directory, 'stale');
    mkdirSync(path);
    const longAgo = Date.now() / 1000 - 60;
    utimesSync(path, longAgo, longAgo);
    await expect(withLock(path, options, () => Promise.resolve('done'))).resolves.toBe('done');
  });

  it('gives the lock back after a failure', async () => {
    const path = join(directory, 'failure');
    await expect(withLock(path, options, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(existsSync(path)).toBe(false);
  });

  it('gives up at the deadline', async () => {
    const path = join(directory, 'busy');
    mkdirSync(path);
    await expect(withLock(path, { ...options, deadlineMs: 300 }, () => Promise.resolve())).rejects.toThrow(
      'Another process has been busy with this test for 0.3 s.',
    );
  });
});
