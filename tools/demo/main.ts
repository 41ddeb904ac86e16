import { exitCodeOf, onInterruption } from '../program.js';
import { StackError } from '../stack/stack-error.js';
import type { Scene } from './scene.js';
import { SCENE_NAMES, sceneNamed } from './scenes.js';
import { Terminal } from './terminal.js';

const USAGE = `npm run demo [-- [NAME] [--keep]]

  NAME     another scene than that of the banks: ${SCENE_NAMES.join(', ')}
           (all: the banks and every other scene, one after another)
  --keep   leave everything running when the demo is over, until Ctrl-C; after "all", what the last scene has started

BANK1_PORT and BANK2_PORT choose other ports than 56081 and 56082; likewise for every other service.`;

interface Interruption {
  readonly exitCode: number;
}

async function play(scene: Scene, keep: boolean): Promise<number> {
  const interrupted = new Promise<Interruption>((resolve) => {
    onInterruption((exitCode) => {
      resolve({ exitCode });
    });
  });
  const outcome = await Promise.race([scene.play(), interrupted]);
  if (typeof outcome === 'object') return outcome.exitCode;
  // Ctrl-C is how keeping ends, so it takes nothing away from the demo's own result.
  if (keep) await Promise.race([scene.keep(), interrupted]);
  return outcome ? 0 : 1;
}

async function run(parameters: readonly string[]): Promise<number> {
  const [name, ...others] = parameters.filter((parameter) => parameter !== '--keep');
  if (others.length > 0 || name?.startsWith('-')) throw new StackError(USAGE);
  const open = sceneNamed(name);
  const terminal = new Terminal();
  const scene = open(terminal);
  try {
    return await play(scene, parameters.includes('--keep'));
  } finally {
    // After an interruption the case that was being played goes on failing, which is of no interest.
    terminal.endReport();
    await scene.stop();
    terminal.idle();
  }
}

// Not `exitCode`: an interrupted case may be in the middle of a long wait.
process.exit(await exitCodeOf(run));
