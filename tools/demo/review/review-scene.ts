import { newRunName, type DemoCase } from '../demo-case.js';
import { keepRunning } from '../keep.js';
import { playCases, since } from '../play-cases.js';
import type { Scene } from '../scene.js';
import type { Terminal } from '../terminal.js';
import { exactSums } from './cases/exact-sums.js';
import { killedPlan } from './cases/killed-plan.js';
import type { ReviewContext } from './review-context.js';
import { ReviewWorld } from './review-world.js';

const CASES: readonly DemoCase<ReviewContext>[] = [killedPlan, exactSums];

/** Long work that a message starts, with a SIGKILL in the middle of it. */
export function reviewScene(terminal: Terminal): Scene {
  const world = new ReviewWorld(terminal);
  const projectId = newRunName();
  return {
    play: () => play({ world, terminal, projectId }),
    keep: () => keep({ world, terminal, projectId }),
    stop: () => world.stop(),
  };
}

async function play(context: ReviewContext): Promise<boolean> {
  const { world, terminal } = context;
  const startedMs = performance.now();
  terminal.line(
    terminal.paint('bold', 'txmsg: trading approves a project, and a message lets repayment make its plan'),
  );
  await world.start();
  terminal.line(
    `Servers${world.servers.wereRunning ? ' (running before)' : ''}, trading and repayment are up${since(startedMs)}.`,
  );
  return playCases(CASES, context, startedMs);
}

function keep({ world, terminal, projectId }: ReviewContext): Promise<never> {
  const { trading, repayment, servers } = world;
  const commands = [
    `curl ${trading.url}/projects/${projectId}`,
    `curl ${repayment.url}/plans/${projectId}`,
    `curl -X POST ${trading.url}/projects/1/approve -H 'Content-Type: application/json' -d '{"by":"me"}' \\`,
    `     -H "Authorization: Bearer $(cat ${servers.directory}/admin-token)"`,
    `curl ${repayment.url}/plans/1`,
  ];
  const services = [trading, repayment];
  return keepRunning({ services, called: 'trading and repayment', servers, commands }, terminal);
}
