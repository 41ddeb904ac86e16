import { constants } from 'node:os';
import { StackError } from './stack/stack-error.js';

/**
 * Runs a program of this folder with the command line's parameters. A `StackError` is a sentence for its user; any
 * other error is a defect, and ends the process with its stack.
 * @returns the exit code: that of `run`, 1 after a `StackError`
 */
export async function exitCodeOf(run: (parameters: readonly string[]) => Promise<number>): Promise<number> {
  try {
    return await run(process.argv.slice(2));
  } catch (error) {
    if (!(error instanceof StackError)) throw error;
    console.error(error.message);
    return 1;
  }
}

/** Calls back on every signal that asks this program to end, with the exit code that says so: 128 + its number. */
export function onInterruption(interrupt: (exitCode: number, signal: NodeJS.Signals) => void): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      interrupt(128 + constants.signals[signal], signal);
    });
  }
}
