import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import lockfile from 'proper-lockfile';
import { StackError } from './stack-error.js';

/** The holder renews the lock every few seconds; when it was killed, others take over after this time. */
const STALE_MS = 15_000;
const RENEW_MS = 3000;
const RETRY_MS = 250;

export interface LockOptions {
  /** What the lock stands for, for the message when it cannot be had. */
  readonly what: string;
  readonly deadlineMs: number;
  /** Called once when another process holds the lock. */
  readonly onWait: () => void;
}

/** Runs `work` while no other process does the same; the lock is the folder `path`. */
export async function withLock<Result>(
  path: string,
  { what, deadlineMs, onWait }: LockOptions,
  work: () => Promise<Result>,
): Promise<Result> {
  mkdirSync(dirname(path), { recursive: true });
  const options = {
    lockfilePath: path,
    // The library knows locks of one process by the name they are for, which need not exist: one name per lock.
    realpath: false,
    stale: STALE_MS,
    update: RENEW_MS,
    onCompromised: () => {
      // This process was frozen for so long that another process took over. Every step here may be repeated, so
      // carrying on is safer than the default, which throws out of a timer.
    },
  };
  const release = await acquire(path, options, { what, deadlineMs, onWait });
  try {
    return await work();
  } finally {
    await release().catch(() => undefined);
  }
}

async function acquire(
  path: string,
  options: lockfile.LockOptions,
  { what, deadlineMs, onWait }: LockOptions,
): Promise<() => Promise<void>> {
  const free = await lockfile.lock(path, options).catch(nullWhenLocked);
  if (free) return free;
  onWait();
  const retries = { retries: Math.ceil(deadlineMs / RETRY_MS), minTimeout: RETRY_MS, maxTimeout: RETRY_MS };
  const late = await lockfile.lock(path, { ...options, retries }).catch(nullWhenLocked);
  if (late) return late;
  throw new StackError(`Another process has been busy with ${what} for ${deadlineMs / 1000} s.`);
}

function nullWhenLocked(error: unknown): null {
  if ((error as { code?: string }).code === 'ELOCKED') return null;
  throw error;
}
