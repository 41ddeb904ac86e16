import type { ComposeCase } from '../compose-case.js';
import { expectThat } from '../compose-system.js';
import { ManyTransfers, spread } from '../many-transfers.js';
import { seconds, timed } from '../stop-watch.js';

const INSTANCES = 3;
const TRANSFERS = 500;

export const scaledOut: ComposeCase = {
  title: `${INSTANCES} instances of bank2 share ${TRANSFERS} transfers`,
  async play(system) {
    await system.project.restart('bank2', INSTANCES);
    const transfers = new ManyTransfers(system, TRANSFERS);
    const tookMs = await timed(async () => {
      await transfers.send();
      await transfers.untilCompleted();
    });
    const counts = await transfers.consumedBy('bank2');
    expectThat('Instances that credited', counts.size, INSTANCES);
    await system.project.restart('bank2');
    return `${spread(counts)}; ${seconds(tookMs)}`;
  },
};
