import type { ChildProcess } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { call } from '../../../e2e/kit/http.js';
import { StackError } from '../../stack/stack-error.js';

/** A service that was started with its port. */
export interface StartedService {
  readonly process: ChildProcess;
  readonly port: number;
}

const READY_DEADLINE_MS = 120_000;
const STOP_DEADLINE_MS = 10_000;
const PROBE_DEADLINE_MS = 2000;
const POLL_MS = 50;

/** @throws StackError that begins with `name` when the service ends, or is not ready in time */
export async function untilHealthy(url: string, child: ChildProcess, name: string): Promise<void> {
  const endsAt = Date.now() + READY_DEADLINE_MS;
  while (Date.now() < endsAt && child.exitCode === null) {
    const answer = await call(url, {}, PROBE_DEADLINE_MS).catch(() => undefined);
    if (answer?.status === 200) return;
    await delay(POLL_MS);
  }
  throw new StackError(`${name} was not ready within ${READY_DEADLINE_MS} ms; its log tells why.`);
}

/** Asks the process to end, and kills it when it does not. */
export async function end(child: ChildProcess): Promise<void> {
  const gone = new Promise((resolve) => child.once('exit', resolve));
  if (child.exitCode !== null || !child.kill('SIGTERM')) return;
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_DEADLINE_MS);
  await gone;
  clearTimeout(timer);
}
