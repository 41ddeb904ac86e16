import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { repositoryDirectory } from '../stack/stack-paths.js';
import { StackError } from '../stack/stack-error.js';
import { waitUntil } from '../stack/wait-until.js';

const DEADLINE_MS = 120_000;

/**
 * A program that works in a way in which no service here does. It says a word after each of its steps, one a line, and the
 * scene kills it where a power failure would hurt. It cannot outlive the demo.
 */
export class BrokenProgram {
  private readonly steps: { readonly word: string; readonly atMs: number }[] = [];
  private readonly complaints: string[] = [];
  private readonly closed: Promise<void>;
  private killedMs: number | undefined;
  private hasEnded = false;

  private constructor(
    private readonly file: string,
    private readonly child: ChildProcess,
  ) {
    child.stderr?.on('data', (chunk: Buffer) => this.complaints.push(chunk.toString()));
    if (child.stdout) {
      createInterface({ input: child.stdout }).on('line', (word) =>
        this.steps.push({ word, atMs: Date.now() }),
      );
    }
    this.closed = new Promise((resolve) => {
      const end = (): void => {
        this.hasEnded = true;
        resolve();
      };
      child.once('error', end).once('close', end);
    });
  }

  /** @param file - in the folder of the demo; started as this program was, so that it needs no build */
  static start(
    file: string,
    parameters: readonly string[],
    environment: Readonly<Record<string, string>>,
  ): BrokenProgram {
    const program = join(repositoryDirectory, 'tools', 'demo', file);
    const child = spawn(process.execPath, [...process.execArgv, program, ...parameters], {
      env: { ...process.env, TXMSG_PARENT_PID: String(process.pid), ...environment },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    return new BrokenProgram(file, child);
  }

  /** @returns when it said the word first, by this machine's clock */
  async untilSays(word: string): Promise<number> {
    const find = (): number | undefined => this.steps.find((step) => step.word === word)?.atMs;
    await waitUntil(`"${word}" of ${this.file}`, { deadlineMs: DEADLINE_MS, intervalMs: 10 }, () => {
      if (find() !== undefined) return true;
      if (!this.hasEnded) return false;
      throw new StackError(
        `${this.file} ended before it said "${word}":\n${this.complaints.join('').trim()}`,
      );
    });
    return find() ?? 0;
  }

  /** May be called again. @returns when it was killed */
  async kill(): Promise<number> {
    this.child.kill('SIGKILL');
    this.killedMs ??= Date.now();
    await this.closed;
    return this.killedMs;
  }
}
