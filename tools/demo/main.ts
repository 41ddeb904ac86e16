import { exitCodeOf, onInterruption } from '../program.js';
import { StackError } from '../stack/stack-error.js';
import { runDemo } from './demo-run.js';
import { DemoWorld } from './demo-world.js';
import { keepRunning } from './keep.js';
import { Terminal } from './terminal.js';

const USAGE = `npm run demo [-- --keep]

  --keep   leave everything running when the demo is over, until Ctrl-C

BANK1_PORT and BANK2_PORT choose other ports than 56081 and 56082.`;

interface Interruption {
  readonly exitCode: number;
}

async function play(world: DemoWorld, terminal: Terminal, keep: boolean): Promise<number> {
  const interrupted = new Promise<Interruption>((resolve) => {
    onInterruption((exitCode) => {
      resolve({ exitCode });
    });
  });
  const outcome = await Promise.race([runDemo(world, terminal), interrupted]);
  if (typeof outcome === 'object') return outcome.exitCode;
  // Ctrl-C is how keeping ends, so it takes nothing away from the demo's own result.
  if (keep) await Promise.race([keepRunning(world, terminal), interrupted]);
  return outcome ? 0 : 1;
}

async function run(parameters: readonly string[]): Promise<number> {
  if (parameters.some((parameter) => parameter !== '--keep')) throw new StackError(USAGE);
  const terminal = new Terminal();
  const world = new DemoWorld(terminal);
  try {
    return await play(world, terminal, parameters.includes('--keep'));
  } finally {
    // After an interruption the case that was being played goes on failing, which is of no interest.
    terminal.endReport();
    await world.stop();
    terminal.idle();
  }
}

// Not `exitCode`: an interrupted case may be in the middle of a long wait.
process.exit(await exitCodeOf(run));
