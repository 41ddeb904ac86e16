import { newRunName, type DemoCase } from '../demo-case.js';
import { keepRunning } from '../keep.js';
import { playCases, since } from '../play-cases.js';
import type { Scene } from '../scene.js';
import type { Terminal } from '../terminal.js';
import { classicWay } from './cases/classic-way.js';
import { inTheEnd } from './cases/in-the-end.js';
import { killedStock } from './cases/killed-stock.js';
import type { ShopContext } from './shop-context.js';
import { ShopTables } from './shop-tables.js';
import { ShopWorld } from './shop-world.js';

const CASES: readonly DemoCase<ShopContext>[] = [classicWay, ...killedStock, inTheEnd];

/** A refusal whose compensation meets a SIGKILL: as the classic services send it, and ours. */
export function shopScene(terminal: Terminal): Scene {
  const world = new ShopWorld(terminal);
  return { play: () => play(world, terminal), keep: () => keep(world, terminal), stop: () => world.stop() };
}

async function play(world: ShopWorld, terminal: Terminal): Promise<boolean> {
  const startedMs = performance.now();
  terminal.line(
    terminal.paint('bold', 'txmsg: stock refuses what order has accepted, and a message undoes the order'),
  );
  // The first case takes the place of stock.
  await world.start({}, ['order']);
  terminal.line(
    `Servers${world.servers.wereRunning ? ' (running before)' : ''} and order are up${since(startedMs)}.`,
  );
  const tables = new ShopTables(() => world.mysqlRootUrl);
  return playCases(CASES, { world, tables, terminal, run: newRunName(), placed: [] }, startedMs);
}

function keep({ order, stock, servers }: ShopWorld, terminal: Terminal): Promise<never> {
  const commands = [
    `curl -X POST ${order.url}/orders -H 'Content-Type: application/json' -H 'Idempotency-Key: my-first' \\`,
    `     -d '{"productId":"1","payCount":3}'`,
    `curl ${order.url}/orders/<orderNo>`,
    `curl ${stock.url}/deductions/my-first`,
    `curl -X POST ${order.url}/orders/<orderNo>/cancel`,
    `curl ${stock.url}/products/1`,
    'npm run txmsg -- audit --of shop',
  ];
  return keepRunning({ services: [order, stock], called: 'order and stock', servers, commands }, terminal);
}
