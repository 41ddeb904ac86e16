import { newRunName, type DemoCase } from '../demo-case.js';
import { playCases, since } from '../play-cases.js';
import type { Scene } from '../scene.js';
import { StackError } from '../../stack/stack-error.js';
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

async function keep({ user, points, servers }: PointsWorld, terminal: Terminal): Promise<never> {
  for (const line of [
    '',
    'Everything keeps running. Try:',
    `  curl -X POST ${user.url}/register -H 'Content-Type: application/json' -H 'Idempotency-Key: my-first' \\`,
    `       -d '{"name":"Alice"}'`,
    `  curl ${user.url}/users/<userId>`,
    `  curl ${points.url}/accounts/<userId>`,
    `Every call is described at ${user.url}/docs and ${points.url}/docs.`,
    `Ctrl-C stops user and points${servers.wereRunning ? '; the servers ran before and stay' : ' and the servers'}.`,
  ]) {
    terminal.line(line);
  }
  const ended = await Promise.race(
    [user, points].map((service) => service.ended.then(({ how }) => ({ service, how }))),
  );
  throw new StackError(
    `${ended.service.name} has ended by itself (${ended.how}).\n${ended.service.lastWords()}`,
  );
}
