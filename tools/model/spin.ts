import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { runCommand, type CommandResult } from '../stack/run-command.js';
import { StackError } from '../stack/stack-error.js';
import { repositoryDirectory } from '../stack/stack-paths.js';
import type { Check } from './check.js';
import { parseSearch, parseTrail, type Trail } from './spin-output.js';
import type { Finding } from './verdict.js';

const MODEL = 'transfer.pml';
const SEARCH_DEADLINE_MS = 30 * 60_000;
const TOOL_DEADLINE_MS = 2 * 60_000;
const MEMORY_MAX_MB = 3000;
const DEPTH_MAX = 3_000_000;

/** Every state is kept whole: no hash compaction, no bit states. Processes with `provided` rule out the reduction. */
const PAN_OPTIONS = ['-DSAFETY', '-DNOREDUCE', '-DNOFAIR', '-DVECTORSZ=1024', `-DMEMLIM=${MEMORY_MAX_MB}`];
/** What the shortest counterexample is found with; exploring everything needs more memory so. */
const BREADTH_FIRST = '-DBFS';

/** Runs Spin for one check after another, each in a folder of its own below `directory`. */
export class Spin {
  constructor(
    private readonly directory: string,
    private readonly signal: AbortSignal,
  ) {}

  /** @throws StackError when the model does not compile */
  async search(check: Check, breadthFirst = check.breaks !== undefined): Promise<Finding> {
    const folder = join(this.directory, check.name);
    await mkdir(folder);
    await cp(join(repositoryDirectory, 'docs', 'model', MODEL), join(folder, MODEL));
    await this.compile(check, folder, breadthFirst);
    const start = performance.now();
    // pan's own limit, in minutes, holds even when this program is killed.
    const limits = [`-m${DEPTH_MAX}`, `-Q${SEARCH_DEADLINE_MS / 60_000}`];
    const { output } = await this.run('./pan', limits, folder, SEARCH_DEADLINE_MS);
    this.signal.throwIfAborted();
    const seconds = (performance.now() - start) / 1000;
    const search = parseSearch(output);
    if (search.errors !== 1) return { search, seconds };
    return { search, seconds, trail: await this.replay(check, folder) };
  }

  private async compile(check: Check, folder: string, breadthFirst: boolean): Promise<void> {
    const generated = await this.run('spin', ['-a', ...switchesOf(check), MODEL], folder);
    this.assertDone('spin -a', check, generated);
    const order = breadthFirst ? [BREADTH_FIRST] : [];
    const compiled = await this.run(
      'gcc',
      ['-O2', '-w', ...PAN_OPTIONS, ...order, '-o', 'pan', 'pan.c'],
      folder,
    );
    this.assertDone('gcc', check, compiled);
  }

  private async replay(check: Check, folder: string): Promise<Trail> {
    // -T: no indentation; -B: no final state.
    const { output } = await this.run('spin', [...switchesOf(check), '-T', '-B', '-t', MODEL], folder);
    return parseTrail(output);
  }

  private assertDone(what: string, { name }: Check, { exitCode, output }: CommandResult): void {
    this.signal.throwIfAborted();
    if (exitCode !== 0) throw new StackError(`${what} failed for "${name}": ${output.trim()}`);
  }

  private run(
    program: string,
    parameters: readonly string[],
    workingDirectory: string,
    deadlineMs = TOOL_DEADLINE_MS,
  ): Promise<CommandResult> {
    return runCommand(program, parameters, { deadlineMs, workingDirectory, signal: this.signal });
  }
}

function switchesOf({ switches }: Check): string[] {
  return switches.map((name) => `-D${name}`);
}
