import { waitUntil } from '../../stack/wait-until.js';
import { BrokerGroup, BROKERS } from '../broker-group.js';
import type { ComposeCase } from '../compose-case.js';
import { expectThat } from '../compose-system.js';
import { ManyTransfers, spread } from '../many-transfers.js';
import { seconds, timed } from '../stop-watch.js';

const TRANSFERS = 500;
const BEFORE = 150;
const SOON = { deadlineMs: 2 * 60_000, intervalMs: 50 };

export const masterKilled: ComposeCase = {
  title: `the master of the brokers is killed during ${TRANSFERS} transfers`,
  async play(system) {
    const brokers = new BrokerGroup(system.project);
    const master = await brokers.master(BROKERS.length);
    const transfers = new ManyTransfers(system, TRANSFERS);
    const sending = transfers.send();
    try {
      await waitUntil(`${BEFORE} transfers`, SOON, () => transfers.accepted >= BEFORE);
      await system.project.kill(master);
      // Those that were under way may still be answered.
      const before = transfers.accepted + 20;
      const outageMs = await timed(() =>
        waitUntil('Work going on', SOON, () => transfers.accepted >= before),
      );
      const heir = await brokers.master(1);
      expectThat(
        'The new master',
        heir,
        BROKERS.find((broker) => broker !== master),
      );
      await sending;
      await transfers.untilCompleted();
      await system.expectMoneyConserved();
      const [payers, payees] = [await transfers.consumedBy('bank1'), await transfers.consumedBy('bank2')];
      await system.project.restart(master);
      expectThat('The master when both are back', await brokers.master(BROKERS.length), heir);
      return `${seconds(outageMs)} until work went on; ${spread(payers)}, ${spread(payees)}`;
    } finally {
      await sending.catch(() => undefined);
    }
  },
};
