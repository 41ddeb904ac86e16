import 'reflect-metadata';
import { randomInt } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { exitCodeOf, onInterruption } from '../program.js';
import { parseOptions } from './chaos-options.js';
import { runChaos } from './chaos-run.js';
import { ChaosWorld } from './chaos-world.js';
import { reportLines } from './report.js';

/** @returns the exit code: 0 without a violation, 1 with one, 128 + its number after a signal */
async function run(parameters: readonly string[]): Promise<number> {
  const options = parseOptions(parameters, () => randomInt(1_000_000));
  console.log(`Chaos for ${options.minutes} minutes; --seed ${options.seed} makes the same faults again.`);
  const world = new ChaosWorld(options, (line) => {
    console.error(line);
  });
  const interruption = new Promise<number>(onInterruption);
  let isOver = false;
  const tell = (line: string): void => {
    if (!isOver) console.log(line);
  };
  try {
    const outcome = await Promise.race([runChaos(options, world, tell), interruption]);
    if (typeof outcome === 'number') return outcome;
    if (options.report !== undefined) writeFileSync(options.report, `${JSON.stringify(outcome, null, 2)}\n`);
    for (const line of reportLines(outcome)) console.log(line);
    return outcome.violations.length === 0 ? 0 : 1;
  } finally {
    isOver = true;
    await world.stop();
    console.log(`Logs and data: ${world.directory}`);
  }
}

// Not `exitCode`: an interrupted run may be in the middle of a long wait.
process.exit(await exitCodeOf(run));
