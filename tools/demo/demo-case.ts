import { randomBytes } from 'node:crypto';
import { StackError } from '../stack/stack-error.js';
import type { DemoWorld } from './demo-world.js';
import type { Terminal } from './terminal.js';
import { renderTimeline, type TimelineEntry } from './timeline.js';

/** What every transfer of the demo moves: little, so that the demo can be repeated thousands of times. */
export const AMOUNT = '1.00';

/** The transfers of one run; their numbers are known before the banks start, because faults are aimed at them. */
export interface DemoTransfers {
  readonly stepByStep: string;
  readonly bothSucceed: string;
  readonly bank1Refuses: string;
  readonly bank1Crashes: string;
  readonly bank2FailsFirst: string;
}

export function newTransfers(): DemoTransfers {
  const run = newRunName();
  return {
    stepByStep: `${run}-0`,
    bothSucceed: `${run}-a`,
    bank1Refuses: `${run}-b`,
    bank1Crashes: `${run}-c`,
    bank2FailsFirst: `${run}-d`,
  };
}

/** How the numbers of one run begin. */
export function newRunName(): string {
  return `demo-${Date.now().toString(36)}-${randomBytes(2).toString('hex')}`;
}

/** What a case of the banks has to work with. */
export interface CaseContext {
  readonly world: DemoWorld;
  readonly terminal: Terminal;
  readonly transfers: DemoTransfers;
}

/** One case of a scene: plays it, prints it, and throws a StackError when it does not come out as promised. */
export interface DemoCase<Context = CaseContext> {
  readonly title: string;
  /** What is said when it came out so. @default as promised */
  readonly verdict?: string;
  play(context: Context): Promise<void>;
}

/** @throws StackError with the sentence, unless the condition holds */
export function assertHolds(condition: boolean, otherwise: string): void {
  if (!condition) throw new StackError(otherwise);
}

export function printTimeline(
  { terminal }: { readonly terminal: Terminal },
  startMs: number,
  entries: readonly TimelineEntry[],
): void {
  for (const line of renderTimeline(terminal, startMs, entries)) terminal.line(line);
}
