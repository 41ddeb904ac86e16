import type { BenchWorld } from '../transfer/bench-world.js';
import { cpuMs } from '../transfer/process-usage.js';

/** One thing that the servers are asked to do over and over. */
export interface LimitTask {
  readonly title: string;
  /** How many do it at once. */
  readonly callers: number;
  /** How many operations share a COMMIT; undefined for what has none. */
  readonly batch?: number;
  /** Does it once. @returns how many operations that was; 0 when there was nothing to do */
  readonly work: (caller: number) => Promise<number>;
}

export interface LimitFigures {
  readonly title: string;
  readonly callers: number;
  readonly operations: number;
  readonly perSecond: number;
  readonly commitsPerSecond: number;
  /** CPU per operation; `client` is the program that asks. */
  readonly cpuMs: Readonly<Record<string, number>>;
}

/** Part of the time that is spent before anything is counted. */
const WARM_UP_SHARE = 1 / 3;

/** @throws what `work` throws */
export async function measureLimit(
  world: BenchWorld,
  task: LimitTask,
  seconds: number,
): Promise<LimitFigures> {
  await repeat(task, seconds * 1000 * WARM_UP_SHARE);
  const before = cpu(world);
  const { operations, tookMs } = await repeat(task, seconds * 1000);
  const after = cpu(world);
  const perSecond = (operations * 1000) / tookMs;
  return {
    title: task.title,
    callers: task.callers,
    operations,
    perSecond,
    commitsPerSecond: task.batch === undefined ? NaN : perSecond / task.batch,
    cpuMs: Object.fromEntries(
      Object.entries(after).map(([name, ms]) => [name, (ms - (before[name] ?? NaN)) / operations]),
    ),
  };
}

function cpu(world: BenchWorld): Record<string, number> {
  const pids = { client: process.pid, ...world.pids() };
  return Object.fromEntries(Object.entries(pids).map(([name, pid]) => [name, cpuMs(pid)]));
}

/** The time is that until the last operation: the wait for more, where there is none, does not count. */
async function repeat({ callers, work }: LimitTask, ms: number) {
  const began = performance.now();
  let operations = 0;
  let endedAt = began;
  const call = async (caller: number): Promise<void> => {
    while (performance.now() < began + ms) {
      const done = await work(caller);
      if (done === 0) continue;
      operations += done;
      endedAt = performance.now();
    }
  };
  await Promise.all(Array.from({ length: callers }, (_, caller) => call(caller)));
  return { operations, tookMs: endedAt - began };
}
