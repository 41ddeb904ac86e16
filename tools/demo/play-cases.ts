import { StackError } from '../stack/stack-error.js';
import type { DemoCase } from './demo-case.js';
import type { Terminal } from './terminal.js';

/**
 * Plays every case, also after one has failed, and prints how they came out.
 * @param startedMs - when the scene began, by `performance.now`
 * @returns whether all of them hold
 */
export async function playCases<Context extends { readonly terminal: Terminal }>(
  cases: readonly DemoCase<Context>[],
  context: Context,
  startedMs: number,
): Promise<boolean> {
  const { terminal } = context;
  const failures: string[] = [];
  for (const demoCase of cases) {
    if (!(await holds(demoCase, context))) failures.push(demoCase.title);
  }
  terminal.line();
  if (failures.length === 0) {
    terminal.line(terminal.paint('green', `All ${cases.length} hold${since(startedMs)}.`));
  } else {
    const what = `${failures.length} of ${cases.length} do not hold: ${failures.join('; ')}`;
    terminal.line(terminal.paint('red', what));
  }
  return failures.length === 0;
}

export function since(startedMs: number): string {
  return ` (${((performance.now() - startedMs) / 1000).toFixed(1)} s)`;
}

/** A case that breaks its promise is reported, and the demo goes on; a defect of the demo itself ends it. */
async function holds<Context extends { readonly terminal: Terminal }>(
  demoCase: DemoCase<Context>,
  context: Context,
): Promise<boolean> {
  const { terminal } = context;
  terminal.line();
  terminal.line(terminal.paint('bold', demoCase.title));
  try {
    await demoCase.play(context);
    terminal.line(`  ${terminal.paint('green', `✓ ${demoCase.verdict ?? 'as promised'}`)}`);
    return true;
  } catch (error) {
    terminal.line(`  ${terminal.paint('red', `✗ ${failureOf(error)}`)}`);
    return false;
  } finally {
    terminal.idle();
  }
}

function failureOf(error: unknown): string {
  if (error instanceof StackError) return error.message;
  // `fetch` says only "fetch failed"; why is in the cause.
  const cause = error instanceof Error && error.cause instanceof Error ? ` (${error.cause.message})` : '';
  return `${String(error)}${cause}`;
}
