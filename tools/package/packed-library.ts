import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from '../stack/run-command.js';
import { StackError } from '../stack/stack-error.js';
import { repositoryDirectory } from '../stack/stack-paths.js';

export const LIBRARY_DIRECTORY = join(repositoryDirectory, 'libs', 'txmsg');

export interface LibraryManifest {
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
  /** The versions that are tested here. */
  readonly devDependencies: Readonly<Record<string, string>>;
}

export function libraryManifest(): LibraryManifest {
  return JSON.parse(readFileSync(join(LIBRARY_DIRECTORY, 'package.json'), 'utf8')) as LibraryManifest;
}

/** The entries that are JavaScript, by name (`.`, `./admin`), with their declarations. */
export function codeEntries(): { readonly entry: string; readonly types: string }[] {
  return Object.entries(libraryManifest().exports).flatMap(([entry, target]) =>
    typeof target === 'object' && target.types !== undefined ? [{ entry, types: target.types }] : [],
  );
}

/** Packs the library as it was built last. @returns the tarball's path in `directory` */
export async function packLibrary(directory: string): Promise<string> {
  const name = await run('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', directory], {
    workingDirectory: LIBRARY_DIRECTORY,
    deadlineMs: 60_000,
  });
  return join(directory, name.trim());
}

/** Runs a program to its end. @returns what it printed. @throws StackError with that when it fails */
export async function run(
  program: string,
  parameters: readonly string[],
  options: Parameters<typeof runCommand>[2],
): Promise<string> {
  const { exitCode, output } = await runCommand(program, parameters, options);
  if (exitCode !== 0) {
    throw new StackError(`${program} ${parameters.join(' ')} ended with ${exitCode}:\n${output.trim()}`);
  }
  return output;
}
