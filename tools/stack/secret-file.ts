import { randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { readFileIfPresent } from './atomic-file.js';

/** The secret in the file; undefined when there is none yet. */
export function readSecret(file: string): string | undefined {
  return readFileIfPresent(file)?.trim();
}

/** The secret in the file: random, made once, readable by nobody else. Several processes may ask at once. */
export function secretIn(file: string): string {
  return readSecret(file) ?? createSecret(file);
}

function createSecret(file: string): string {
  const temporary = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`;
  const secret = randomBytes(24).toString('base64url');
  mkdirSync(dirname(file), { recursive: true });
  try {
    writeFileSync(temporary, `${secret}\n`, { mode: 0o600 });
    // Unlike a rename, a link fails when another process was faster; then its file counts.
    linkSync(temporary, file);
    return secret;
  } catch (error) {
    const theirs = readSecret(file);
    if (theirs === undefined) throw error;
    return theirs;
  } finally {
    rmSync(temporary, { force: true });
  }
}
