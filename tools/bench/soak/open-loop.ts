import { setTimeout as delay } from 'node:timers/promises';
import { Caller, type LoadTarget } from '../transfer/http-load.js';

export interface OpenLoad {
  readonly perSecond: number;
  readonly ms: number;
  /** Requests under way at most; those that are due meanwhile begin late. */
  readonly callers: number;
  /** Called with the time from when a request was due to its answer: waiting for its turn counts. */
  onAccepted(latencyMs: number): void;
}

export interface OpenLoadResult {
  readonly due: number;
  readonly accepted: number;
  /** Began more than `LATE_MS` after they were due. */
  readonly late: number;
  /** The load was over before their turn came. */
  readonly notBegun: number;
  /** Answered otherwise, by status; 0 for a connection that broke. */
  readonly failures: ReadonlyMap<number, number>;
}

export const LATE_MS = 100;

/**
 * Requests at a fixed rate, whether or not earlier ones were answered: users do not wait for each other. A service
 * that is too slow for the rate shows in `late` and `notBegun`.
 */
export async function openLoad(target: LoadTarget, load: OpenLoad): Promise<OpenLoadResult> {
  const failures = new Map<number, number>();
  const began = performance.now();
  const due = Math.floor((load.perSecond * load.ms) / 1000);
  let claimed = 0;
  let begun = 0;
  let late = 0;
  let accepted = 0;
  const call = async (): Promise<void> => {
    let caller = await Caller.open(target);
    try {
      while (claimed < due) {
        const dueAt = began + (claimed++ * 1000) / load.perSecond;
        await delay(Math.max(0, dueAt - performance.now()));
        if (performance.now() > began + load.ms + LATE_MS) return;
        begun += 1;
        if (performance.now() - dueAt > LATE_MS) late += 1;
        // A server closes connections that were not used for a while.
        if (!caller.isOpen) caller = await Caller.open(target);
        const status = await caller.exchange(target.request());
        if (target.isAccepted(status)) {
          accepted += 1;
          load.onAccepted(performance.now() - dueAt);
        } else failures.set(status, (failures.get(status) ?? 0) + 1);
      }
    } finally {
      caller.close();
    }
  };
  await Promise.all(Array.from({ length: load.callers }, call));
  return { due, accepted, late, notBegun: due - begun, failures };
}
