import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exitCodeOf, onInterruption } from '../program.js';
import { CHECK_GROUPS } from './checks.js';
import { parseArguments, type ModelCommand } from './model-arguments.js';
import { runChecks } from './model-run.js';
import { ensureSpin } from './spin-preconditions.js';
import { Spin } from './spin.js';
import { judge } from './verdict.js';

/** `npm run model`: searches docs/model/transfer.pml; docs/model/README.md says what it prints. */
async function run(command: ModelCommand, spin: Spin): Promise<boolean> {
  if (command.command === 'CHECK') {
    const asExpected = await runChecks(command.groups, spin, print);
    print(asExpected ? '\nAll as expected.' : '\nNOT as expected: see the lines with ✗.');
    return asExpected;
  }
  const finding = await spin.search(command.check, true);
  finding.trail?.steps.forEach((step, index) => {
    print(`${String(index + 1).padStart(3)}  ${step}`);
  });
  const verdict = judge(command.check, finding);
  print(verdict.text);
  return verdict.asExpected;
}

function print(line: string): void {
  console.log(line);
}

async function main(parameters: readonly string[]): Promise<number> {
  const interruption = new AbortController();
  let exitCode = 0;
  onInterruption((code) => {
    exitCode = code;
    interruption.abort();
  });
  const command = parseArguments(parameters, CHECK_GROUPS);
  await ensureSpin((line) => {
    console.error(line);
  });
  const directory = await mkdtemp(join(tmpdir(), 'txmsg-model-'));
  try {
    const asExpected = await run(command, new Spin(directory, interruption.signal));
    return exitCode || (asExpected ? 0 : 1);
  } catch (error) {
    if (!interruption.signal.aborted) throw error;
    return exitCode;
  } finally {
    // A search that still runs beside one that failed.
    interruption.abort();
    await rm(directory, { recursive: true, force: true, maxRetries: 3 });
  }
}

process.exitCode = await exitCodeOf(main);
