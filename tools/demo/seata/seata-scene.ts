import { TWO_PHASE_PATTERNS } from '@txmsg/contracts';
import { newRunName, type DemoCase } from '../demo-case.js';
import { keepRunning } from '../keep.js';
import { playCases, since } from '../play-cases.js';
import type { Scene } from '../scene.js';
import type { Terminal } from '../terminal.js';
import { bank2Killed } from './cases/bank2-killed.js';
import { changedByHand } from './cases/changed-by-hand.js';
import { classicFaults } from './cases/classic-faults.js';
import { committed } from './cases/committed.js';
import { coordinatorKilled } from './cases/coordinator-killed.js';
import { suspension } from './cases/suspension.js';
import { OPENING, pairOf, type SeataContext } from './seata-context.js';
import { SeataTables } from './seata-tables.js';
import { SeataWorld } from './seata-world.js';

const CASES: readonly DemoCase<SeataContext>[] = [
  committed,
  classicFaults,
  ...bank2Killed,
  coordinatorKilled,
  changedByHand,
  suspension,
];

/** A transfer that both banks commit or neither does, while its caller waits: with faults and kills, under AT and TCC. */
export function seataScene(terminal: Terminal): Scene {
  const world = new SeataWorld(terminal);
  return { play: () => play(world, terminal), keep: () => keep(world, terminal), stop: () => world.stop() };
}

async function play(world: SeataWorld, terminal: Terminal): Promise<boolean> {
  const startedMs = performance.now();
  terminal.line(
    terminal.paint(
      'bold',
      'txmsg: both banks commit a transfer or neither does, under a real Seata coordinator',
    ),
  );
  await world.start();
  terminal.line(
    `Servers${world.servers.wereRunning ? ' (running before)' : ''}, the coordinator and both banks are up${since(startedMs)}.`,
  );
  const context = { world, tables: new SeataTables(() => world.mysqlRootUrl), terminal, run: newRunName() };
  for (const mode of TWO_PHASE_PATTERNS) await context.tables.openAccounts(pairOf(context, mode), OPENING);
  return playCases(CASES, context, startedMs);
}

function keep({ bank1, bank2, servers }: SeataWorld, terminal: Terminal): Promise<never> {
  const commands = [
    `curl '${bank1.url}/at/transfer?amount=100'`,
    `curl '${bank1.url}/tcc/transfer?amount=2'`,
    `curl -X POST ${bank1.url}/tcc/transfers -H 'Content-Type: application/json' -H 'Idempotency-Key: my-first' \\`,
    `     -d '{"accountNo":"1","toAccountNo":"2","amount":"12.34"}'`,
    `curl ${bank1.url}/transfers/my-first`,
    `curl ${bank2.url}/credits/my-first`,
    `curl ${bank1.url}/accounts/1`,
    `curl ${bank2.url}/accounts/2`,
  ];
  return keepRunning({ services: [bank1, bank2], called: 'both banks', servers, commands }, terminal);
}
