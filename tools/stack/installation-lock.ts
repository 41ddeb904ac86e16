import { withLock } from './stack-lock.js';

const INSTALL_DEADLINE_MS = 30 * 60_000;

/** Several stacks share one cache, so only one at a time brings something there. */
export function whileInstalling<Result>(
  cache: string,
  onProgress: (line: string) => void,
  work: () => Promise<Result>,
): Promise<Result> {
  const lock = {
    what: 'installing the servers',
    deadlineMs: INSTALL_DEADLINE_MS,
    onWait: () => {
      onProgress('Waiting for another process that is installing the servers …');
    },
  };
  return withLock(`${cache}/lock`, lock, work);
}
