import 'reflect-metadata';
import { join } from 'node:path';
import { exitCodeOf, onInterruption } from '../program.js';
import { StackError } from '../stack/stack-error.js';
import { withLock } from '../stack/stack-lock.js';
import { defaultStackDirectory } from '../stack/stack-paths.js';
import { bank1Killed } from './cases/bank1-killed.js';
import { bank2Killed } from './cases/bank2-killed.js';
import { downAndUp } from './cases/down-and-up.js';
import { endToEndTests } from './cases/end-to-end-tests.js';
import { largeMessages } from './cases/large-messages.js';
import { lockedDown } from './cases/locked-down.js';
import { masterKilled } from './cases/master-killed.js';
import { scaledOut } from './cases/scaled-out.js';
import { serverKilled } from './cases/server-killed.js';
import { strangersRefused } from './cases/strangers-refused.js';
import { aTransfer } from './cases/transfer.js';
import type { ComposeCase } from './compose-case.js';
import { ComposeProject } from './compose-project.js';
import { measurements } from './compose-report.js';
import { CLUSTER, SINGLE, type ComposeShape } from './compose-shape.js';
import { ComposeSystem } from './compose-system.js';
import { whyNoContainers } from './docker-engine.js';
import { seconds, timed } from './stop-watch.js';

const USAGE =
  'Usage: [ROCKETMQ_TRANSPORT=remoting] npm run test:compose [-- [--if-available] [--only=<part of a title>]]';
const ONLY = '--only=';
/** docker-compose.yml reads the same variable. */
const TRANSPORT = process.env.ROCKETMQ_TRANSPORT ?? 'grpc';
/** Another run in the same clone, with a build of its own. */
const LOCK_DEADLINE_MS = 60 * 60_000;

/** What must hold in each of the ways to bring the system up. */
const PLAN: readonly { readonly shape: ComposeShape; readonly cases: readonly ComposeCase[] }[] = [
  {
    shape: SINGLE,
    cases: [
      aTransfer,
      endToEndTests,
      bank1Killed,
      bank2Killed,
      serverKilled('broker', 'the broker'),
      serverKilled('mysql', 'MySQL'),
      scaledOut,
      strangersRefused,
      largeMessages,
      downAndUp,
      lockedDown,
    ],
  },
  { shape: CLUSTER, cases: [aTransfer, masterKilled, downAndUp, lockedDown] },
];

/** Builds the images, starts each shape, plays its cases, removes everything. @returns whether all of them hold */
async function testContainers(only: string, signal: AbortSignal): Promise<boolean> {
  const plan = PLAN.map(({ shape, cases }) => ({
    shape,
    cases: cases.filter(({ title }) => title.includes(only)),
  })).filter(({ cases }) => cases.length > 0);
  let failures = 0;
  for (const { shape, cases } of plan) failures += await testShape(shape, cases, signal);
  const all = plan.reduce((sum, { cases }) => sum + cases.length, 0);
  console.log(failures === 0 ? `${all} passed` : `${failures} of ${all} failed`);
  return failures === 0;
}

/** @returns how many cases failed */
async function testShape(
  shape: ComposeShape,
  cases: readonly ComposeCase[],
  signal: AbortSignal,
): Promise<number> {
  const project = new ComposeProject(shape, signal);
  let failures = cases.length;
  console.log(`\n${shape.title}; transport: ${TRANSPORT}`);
  try {
    // What a killed run has left.
    await project.remove();
    console.log(`Images built in ${seconds(await timed(() => project.build()))}.`);
    console.log(`Everything healthy after ${seconds(await timed(() => project.up()))}.`);
    failures = await playAll(new ComposeSystem(project), cases, signal);
    console.log(`\n${await measurements(project)}\n`);
    return failures;
  } finally {
    if (failures > 0 && !signal.aborted) console.log(await lastLogs(project));
    await remove(project);
  }
}

/** Kept for the analysis of a failure, because the containers are about to be removed. */
function lastLogs(project: ComposeProject): Promise<string> {
  return project.compose(['logs', '--no-color', '--tail', '15']).catch(String);
}

async function remove(project: ComposeProject): Promise<void> {
  try {
    console.log(`Containers, volumes and images removed in ${seconds(await timed(() => project.remove()))}.`);
  } finally {
    project.forgetSecrets();
  }
}

/** After each case all the money must be there; a case that fails may leave the next ones nothing to stand on. */
async function playAll(
  system: ComposeSystem,
  cases: readonly ComposeCase[],
  signal: AbortSignal,
): Promise<number> {
  let failures = 0;
  for (const { title, play } of cases) {
    const startedMs = performance.now();
    try {
      signal.throwIfAborted();
      const measured = await play(system);
      const { money } = await system.expectMoneyConserved();
      const took = seconds(performance.now() - startedMs);
      console.log(`  ✓ ${title} (${took})${measured === undefined ? '' : `: ${measured}`}`);
      console.log(
        `      audit: ${money.balance.bank1} + ${money.balance.bank2}, nothing in flight or missing`,
      );
    } catch (error) {
      signal.throwIfAborted();
      failures++;
      console.log(`  ✗ ${title}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return failures;
}

/** @returns the exit code; 128 + its number after a signal */
async function main(parameters: readonly string[]): Promise<number> {
  const only = parameters.find((parameter) => parameter.startsWith(ONLY));
  if (parameters.some((parameter) => parameter !== '--if-available' && parameter !== only))
    throw new StackError(USAGE);
  const reason = await whyNoContainers((line) => {
    console.log(line);
  });
  if (reason !== undefined) {
    console.log(`The containers are not tested: ${reason}.`);
    return parameters.includes('--if-available') ? 0 : 1;
  }
  const abortion = new AbortController();
  let exitCode = 0;
  onInterruption((code, signal) => {
    exitCode = code;
    abortion.abort(new StackError(`Ended by ${signal}.`));
  });
  const lock = { what: 'testing the containers', deadlineMs: LOCK_DEADLINE_MS, onWait: () => undefined };
  try {
    const holds = await withLock(join(defaultStackDirectory(), 'compose.lock'), lock, () =>
      testContainers(only?.slice(ONLY.length) ?? '', abortion.signal),
    );
    return holds ? 0 : 1;
  } catch (error) {
    if (exitCode !== 0) return exitCode;
    throw error;
  }
}

process.exitCode = await exitCodeOf(main);
