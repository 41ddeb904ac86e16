import { randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readFileIfPresent } from '../stack/atomic-file.js';

/** Where the admin token of banks that were started here is kept; readable by nobody else. */
export function adminTokenFile(stackDirectory: string): string {
  return join(stackDirectory, 'admin-token');
}

/** The admin token for a bank that is started here: what the environment says, else that of the stack. */
export function adminTokenFor({ ADMIN_TOKEN }: NodeJS.ProcessEnv, stackDirectory: string): string {
  return ADMIN_TOKEN === undefined || ADMIN_TOKEN === '' ? localAdminToken(stackDirectory) : ADMIN_TOKEN;
}

/** Random, made once. Several processes may ask at once. */
function localAdminToken(stackDirectory: string): string {
  const file = adminTokenFile(stackDirectory);
  return readToken(file) ?? createToken(file);
}

function readToken(file: string): string | undefined {
  return readFileIfPresent(file)?.trim();
}

function createToken(file: string): string {
  const temporary = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`;
  const token = randomBytes(24).toString('base64url');
  mkdirSync(dirname(file), { recursive: true });
  try {
    writeFileSync(temporary, `${token}\n`, { mode: 0o600 });
    // Unlike a rename, a link fails when somebody else was faster; then theirs counts.
    linkSync(temporary, file);
    return token;
  } catch (error) {
    const theirs = readToken(file);
    if (theirs === undefined) throw error;
    return theirs;
  } finally {
    rmSync(temporary, { force: true });
  }
}
