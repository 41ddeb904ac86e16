import { existsSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from './run-command.js';

/** What MySQL is linked against, and the name that the same library has since Debian 13 and Ubuntu 24.04. */
const LIBAIO = 'libaio.so.1';
const RENAMED_LIBAIO = 'libaio.so.1t64';

/** Libraries that the loader finds, by name; undefined where the system cannot be asked. */
async function systemLibraries(): Promise<Map<string, string> | undefined> {
  const { exitCode, output } = await runCommand('/sbin/ldconfig', ['-p'], { deadlineMs: 30_000 });
  return exitCode === 0 ? parseLdconfig(output) : undefined;
}

/** Lines like `libaio.so.1 (libc6,x86-64) => /lib/x86_64-linux-gnu/libaio.so.1`, below a heading. */
export function parseLdconfig(output: string): Map<string, string> {
  const entries = output.split('\n').flatMap((line) => {
    const [, name, path] = /^\s+(\S+) \(.*\) => (\S+)$/.exec(line) ?? [];
    return name && path ? [[name, path] as const] : [];
  });
  return new Map(entries);
}

/** Where the system cannot be asked the answer is yes: the server's own complaint will be shown. */
export async function hasLibrary(...names: readonly string[]): Promise<boolean> {
  const libraries = await systemLibraries();
  return libraries === undefined || names.some((name) => libraries.has(name));
}

export function hasLibaio(): Promise<boolean> {
  return hasLibrary(LIBAIO, RENAMED_LIBAIO);
}

/** Gives MySQL the renamed library under the old name; on 64-bit machines only the name has changed. */
export async function linkRenamedLibaio(mysqlHome: string): Promise<void> {
  const link = join(mysqlHome, 'lib', 'private', LIBAIO);
  if (process.platform !== 'linux' || existsSync(link)) return;
  const libraries = await systemLibraries();
  const renamed = libraries?.get(RENAMED_LIBAIO);
  if (renamed && !libraries?.has(LIBAIO)) symlinkSync(renamed, link);
}
