import { newRunName, type DemoCase } from '../demo-case.js';
import { keepRunning } from '../keep.js';
import { playCases, since } from '../play-cases.js';
import type { Scene } from '../scene.js';
import type { Terminal } from '../terminal.js';
import { identityKilled } from './cases/identity-killed.js';
import { made } from './cases/made.js';
import { nameTaken } from './cases/name-taken.js';
import { pendingThenGone } from './cases/pending-then-gone.js';
import { userKilled } from './cases/user-killed.js';
import type { RegistrationContext } from './registration-context.js';
import { RegistrationWorld } from './registration-world.js';

const CASES: readonly DemoCase<RegistrationContext>[] = [
  made,
  nameTaken,
  pendingThenGone,
  ...identityKilled,
  ...userKilled,
];

/** A user and their login account, at two services: both or neither, and nobody sees a half. */
export function registrationScene(terminal: Terminal): Scene {
  const world = new RegistrationWorld(terminal);
  return { play: () => play(world, terminal), keep: () => keep(world, terminal), stop: () => world.stop() };
}

async function play(world: RegistrationWorld, terminal: Terminal): Promise<boolean> {
  const startedMs = performance.now();
  terminal.line(
    terminal.paint('bold', 'txmsg: a user and their login account are made at two services, both or neither'),
  );
  await world.start();
  terminal.line(
    `Servers${world.servers.wereRunning ? ' (running before)' : ''}, the coordinator, user and identity are up${since(startedMs)}.`,
  );
  return playCases(CASES, { world, terminal, run: newRunName() }, startedMs);
}

function keep({ user, identity, servers }: RegistrationWorld, terminal: Terminal): Promise<never> {
  const commands = [
    `curl ${user.url}/registrations -H 'Content-Type: application/json' -H 'Idempotency-Key: my-first' \\`,
    `     -d '{"pattern":"tcc","name":"Alice","password":"correct horse"}'`,
    `curl ${user.url}/registrations/my-first`,
    `curl ${identity.url}/accounts/Alice`,
    `curl ${identity.url}/logins -H 'Content-Type: application/json' -d '{"name":"Alice","password":"correct horse"}'`,
  ];
  return keepRunning(
    { services: [user, identity], called: 'user and identity', servers, commands },
    terminal,
  );
}
