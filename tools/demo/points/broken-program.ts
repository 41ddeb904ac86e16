import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { repositoryDirectory } from '../../stack/stack-paths.js';
import { StackError } from '../../stack/stack-error.js';
import type { PointsContext } from './points-context.js';

const START_DEADLINE_MS = 120_000;

export type BrokenWay = 'send-first' | 'commit-first';

/** What was done before the program was killed, and when; by this machine's clock. */
export interface BrokenEnd {
  readonly stepMs: number;
  readonly killedMs: number;
}

/** Runs `broken-registration.ts` up to the end of its first step, and kills it there. */
export async function killAfterFirstStep(
  { world }: PointsContext,
  way: BrokenWay,
  { txNo, userId }: { readonly txNo: string; readonly userId: string },
): Promise<BrokenEnd> {
  const { USER_MYSQL_URL, ROCKETMQ_ENDPOINTS, ROCKETMQ_NAMESRV } = world.stack;
  const program = join(repositoryDirectory, 'tools', 'demo', 'points', 'broken-registration.ts');
  // Started as this program was, so that it needs no build.
  const child = spawn(process.execPath, [...process.execArgv, program, way, txNo, userId], {
    env: {
      ...process.env,
      TXMSG_PARENT_PID: String(process.pid),
      MYSQL_URL: USER_MYSQL_URL,
      ROCKETMQ_ENDPOINTS,
      ROCKETMQ_NAMESRV,
    },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const said: string[] = [];
  child.stderr.on('data', (chunk: Buffer) => said.push(chunk.toString()));
  const ended = new Promise<void>((resolve) => {
    child.once('close', () => {
      resolve();
    });
  });
  const firstStep = new Promise<number>((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', () => {
      resolve(Date.now());
    });
    const fail = (): void => {
      reject(new StackError(`The program ${way} ended before its first step:\n${said.join('').trim()}`));
    };
    child.once('error', fail).once('close', fail);
    setTimeout(fail, START_DEADLINE_MS).unref();
  });
  try {
    const stepMs = await firstStep;
    child.kill('SIGKILL');
    const killedMs = Date.now();
    await ended;
    return { stepMs, killedMs };
  } finally {
    child.kill('SIGKILL');
  }
}
