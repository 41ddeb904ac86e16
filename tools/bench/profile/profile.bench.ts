import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { StackError } from '../../stack/stack-error.js';
import type { ProfileOptions } from '../bench-options.js';
import { BenchWorld } from '../transfer/bench-world.js';
import { Measurement } from '../transfer/measurement.js';
import { OurSide } from '../transfer/our-side.js';
import { frameTree, type CpuProfile } from './cpu-profile.js';
import { flameGraph } from './flame-graph.js';
import { profileLines } from './profile-report.js';

const HOOK = pathToFileURL(fileURLToPath(new URL('profile-hook.mjs', import.meta.url))).href;
const WRITE_DEADLINE_MS = 60_000;
const POLL_MS = 50;

/** Where the banks' CPU time goes under load: a flame graph and two tables of each. */
export async function benchProfile(options: ProfileOptions, tell: (line: string) => void): Promise<void> {
  mkdirSync(options.out, { recursive: true });
  const world = await BenchWorld.start(tell);
  const side = new OurSide(world, { ...options.settings, ...hooked(options) });
  try {
    tell('Starting our banks …');
    await side.start();
    const measurement = new Measurement(world, side);
    tell('Warming up …');
    await measurement.warmUp(options.warmUp);
    tell('Profiling …');
    signal(side);
    const cell = { accounts: 'many', callers: options.callers } as const;
    const { transfers, cpuMs } = await measurement.run(cell, { ms: options.seconds * 1000 });
    signal(side);
    for (const [bank, pid] of Object.entries(side.pids())) {
      const profile = join(options.out, `${bank}.cpuprofile`);
      await untilWritten(join(options.out, `${pid}.cpuprofile`), profile);
      const root = frameTree(JSON.parse(readFileSync(profile, 'utf8')) as CpuProfile);
      const title = `${bank}: ${transfers} transfers, ${(cpuMs[bank] ?? NaN).toFixed(2)} ms of CPU each`;
      const file = join(options.out, `${bank}.svg`);
      writeFileSync(file, flameGraph(title, root));
      for (const line of [...profileLines(bank, root), `${title}; flame graph: ${file}`]) console.log(line);
    }
  } finally {
    await side.stop();
    await world.stop();
  }
}

function hooked({ out, settings }: ProfileOptions): Record<string, string> {
  return {
    NODE_OPTIONS: `${settings.NODE_OPTIONS ?? ''} --import ${HOOK}`.trim(),
    TXMSG_PROFILE_DIRECTORY: out,
  };
}

/** The hook starts the profiler at the first one and writes the profile at the second. */
function signal(side: OurSide): void {
  for (const pid of Object.values(side.pids())) process.kill(pid, 'SIGURG');
}

/** Then gives the profile its bank's name: other tools (Chrome, speedscope) read it, too. */
async function untilWritten(file: string, target: string): Promise<void> {
  const endsAt = Date.now() + WRITE_DEADLINE_MS;
  while (!existsSync(file)) {
    if (Date.now() > endsAt) {
      throw new StackError(
        `${file} was not written within ${WRITE_DEADLINE_MS} ms: the bank did not answer SIGURG.`,
      );
    }
    await delay(POLL_MS);
  }
  renameSync(file, target);
}
