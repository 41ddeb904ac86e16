import { statfsSync } from 'node:fs';
import { StackError } from './stack-error.js';

/** The downloads twice (Maven keeps a copy), then the servers' first files. */
const DOWNLOAD_BYTES = 2.5e9;
const RUN_BYTES = 0.7e9;
/** Above this the broker refuses every message; no setting can raise it (DefaultMessageStore). */
const BROKER_USE_MAX = 0.9;

/** Fails with one clear sentence now, before a server fails with an obscure one. */
export function ensureDiskSpace(directory: string, { downloads }: { downloads: boolean }): void {
  const { bsize, blocks, bfree, bavail } = statfsSync(directory);
  const needed = downloads ? DOWNLOAD_BYTES : RUN_BYTES;
  if (bavail * bsize < needed) {
    throw new StackError(
      `The disk of ${directory} has ${gigabytes(bavail * bsize)} free and the local stack needs ` +
        `${gigabytes(needed)}: free some, or choose another disk with TXMSG_STACK_DIR and TXMSG_CACHE_DIR.`,
    );
  }
  const used = (blocks - bfree) / (blocks - bfree + bavail);
  if (used >= BROKER_USE_MAX) {
    throw new StackError(
      `The disk of ${directory} is ${Math.round(used * 100)} % full, and above 90 % RocketMQ refuses every ` +
        'message: free some, or choose another disk with TXMSG_STACK_DIR.',
    );
  }
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
