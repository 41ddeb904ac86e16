import { spawn } from 'node:child_process';
import { childEnvironment } from './child-environment.js';

export interface CommandResult {
  /** -1 when the program could not be started or was ended by a signal. */
  readonly exitCode: number;
  /** Standard output and error, as they came; the last line says it when the deadline ended the program. */
  readonly output: string;
}

export interface CommandOptions {
  readonly deadlineMs: number;
  /** Added to this process's own. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly workingDirectory?: string;
  /** Kills the program at once. */
  readonly signal?: AbortSignal;
}

/** Runs a program to its end and never throws; colours are off, since the output is read by us. */
export function runCommand(
  program: string,
  parameters: readonly string[],
  { deadlineMs, environment = {}, workingDirectory = process.cwd(), signal }: CommandOptions,
): Promise<CommandResult> {
  return new Promise((resolve) => {
    const child = spawn(program, parameters, {
      cwd: workingDirectory,
      env: { ...childEnvironment(), NO_COLOR: '1', ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
      killSignal: 'SIGKILL',
      ...(signal && { signal }),
    });
    const chunks: Buffer[] = [];
    let ending = '';
    // Not spawn's own `timeout`: its timer runs on when the program could not be started.
    const timer = setTimeout(() => {
      ending = `\nended by its limit of ${deadlineMs / 1000} s`;
      child.kill('SIGKILL');
    }, deadlineMs);
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.on('error', (error) => {
      clearTimeout(timer);
      resolve({ exitCode: -1, output: error.message });
    });
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve({ exitCode: code ?? -1, output: Buffer.concat(chunks).toString('utf8') + ending });
    });
  });
}
