import { newRunName, type DemoCase } from '../demo-case.js';
import { keepRunning } from '../keep.js';
import { playCases, since } from '../play-cases.js';
import type { Scene } from '../scene.js';
import type { Terminal } from '../terminal.js';
import { classicWay } from './cases/classic-way.js';
import { inTheEnd } from './cases/in-the-end.js';
import { otherCompany } from './cases/other-company.js';
import { receiverDown } from './cases/receiver-down.js';
import { whoAsks } from './cases/who-asks.js';
import type { NotificationContext } from './notification-context.js';
import { NotificationTables } from './notification-tables.js';
import { NotificationWorld } from './notification-world.js';

const CASES: readonly DemoCase<NotificationContext>[] = [
  classicWay,
  receiverDown,
  whoAsks,
  otherCompany,
  inTheEnd,
];

/** Best-effort notification: by message inside one company, over HTTP to another one, with receivers that are away. */
export function notificationScene(terminal: Terminal): Scene {
  const world = new NotificationWorld(terminal);
  return { play: () => play(world, terminal), keep: () => keep(world, terminal), stop: () => world.stop() };
}

async function play(world: NotificationWorld, terminal: Terminal): Promise<boolean> {
  const startedMs = performance.now();
  const tables = new NotificationTables(() => world.mysqlRootUrl);
  const what = 'txmsg: pay tells bank1 by a message, and notifier tells another company over HTTP';
  terminal.line(terminal.paint('bold', what));
  await world.start();
  terminal.line(
    `Servers${world.servers.wereRunning ? ' (running before)' : ''}, pay, bank1 and notifier are up${since(startedMs)}.`,
  );
  return playCases(CASES, { world, tables, terminal, run: newRunName(), made: [] }, startedMs);
}

function keep({ pay, bank1, notifier, servers }: NotificationWorld, terminal: Terminal): Promise<never> {
  const commands = [
    `curl -X POST ${pay.url}/topups -H 'Content-Type: application/json' -H 'Idempotency-Key: my-first' \\`,
    `     -d '{"accountNo":"1","amount":"1.00"}'`,
    `curl ${bank1.url}/topups/my-first`,
    `curl ${bank1.url}/payresult/my-first`,
    `curl ${notifier.url}/notifications -H "Authorization: Bearer $(cat ${servers.directory}/admin-token)"`,
  ];
  const services = [pay, bank1, notifier];
  return keepRunning({ services, called: 'pay, bank1 and notifier', servers, commands }, terminal);
}
