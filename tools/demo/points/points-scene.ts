import { newRunName, type DemoCase } from '../demo-case.js';
import { keepRunning } from '../keep.js';
import { playCases, since } from '../play-cases.js';
import type { Scene } from '../scene.js';
import type { Terminal } from '../terminal.js';
import { commitFirst } from './cases/commit-first.js';
import { inTheEnd } from './cases/in-the-end.js';
import { firstCrash, localMessageTable } from './cases/local-message-table.js';
import { sendFirst } from './cases/send-first.js';
import type { PointsContext } from './points-context.js';
import { PointsWorld } from './points-world.js';

const CASES: readonly DemoCase<PointsContext>[] = [sendFirst, commitFirst, ...localMessageTable, inTheEnd];

/** Three ways to tie a message to a database, each with a SIGKILL between its two steps. */
export function pointsScene(terminal: Terminal): Scene {
  const world = new PointsWorld(terminal);
  return { play: () => play(world, terminal), keep: () => keep(world, terminal), stop: () => world.stop() };
}

async function play(world: PointsWorld, terminal: Terminal): Promise<boolean> {
  const startedMs = performance.now();
  const run = newRunName();
  terminal.line(terminal.paint('bold', 'txmsg: who registers at user gets points at points, by a message'));
  await world.start({ user: [firstCrash(run)] });
  terminal.line(
    `Servers${world.servers.wereRunning ? ' (running before)' : ''}, user and points are up${since(startedMs)}.`,
  );
  return playCases(CASES, { world, terminal, run, made: [] }, startedMs);
}

function keep({ user, points, servers }: PointsWorld, terminal: Terminal): Promise<never> {
  const commands = [
    `curl -X POST ${user.url}/register -H 'Content-Type: application/json' -H 'Idempotency-Key: my-first' \\`,
    `     -d '{"name":"Alice"}'`,
    `curl ${user.url}/users/<userId>`,
    `curl ${points.url}/accounts/<userId>`,
  ];
  return keepRunning({ services: [user, points], called: 'user and points', servers, commands }, terminal);
}
