/**
 * Waits for `work` at most `timeoutMs`, then rejects with `expired()`. The work itself goes on: the caller must also stop
 * what it waits for (destroy the connection, abort the call). A rejection of `work` that comes later is ignored.
 */
export function withDeadline<T>(work: Promise<T>, timeoutMs: number, expired: () => Error): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const timer = setTimeout(
      () => {
        reject(expired());
      },
      Math.max(0, timeoutMs),
    );
    const finish = (): void => {
      clearTimeout(timer);
      resolve(work);
    };
    work.then(finish, finish);
  });
}

/** Resolves when `work` has ended, whether it succeeded or not, or after `timeoutMs`. Never rejects. */
export async function waitAtMost(work: Promise<unknown>, timeoutMs: number): Promise<void> {
  await withDeadline(work, timeoutMs, () => new Error('it goes on')).catch(() => undefined);
}
