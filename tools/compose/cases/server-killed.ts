import { TransferLoad } from '../../../e2e/kit/transfer-load.js';
import { waitUntil } from '../../stack/wait-until.js';
import type { ComposeCase } from '../compose-case.js';
import { expectThat, PAIR } from '../compose-system.js';

const RECOVERY = { deadlineMs: 5 * 60_000, intervalMs: 250 };
const ENOUGH = 20;

/** The banks live through it, and what callers were told is true. */
export function serverKilled(service: 'broker' | 'mysql', name: string): ComposeCase {
  return {
    title: `${name} is killed under load and started again`,
    async play(system) {
      const bank1 = await system.bank('bank1');
      const load = new TransferLoad(system.newTxNo(), bank1, PAIR);
      try {
        await waitUntil(`${ENOUGH} transfers`, RECOVERY, () => load.count(201) >= ENOUGH);
        await system.project.kill(service);
        await waitUntil('A caller hearing of it', RECOVERY, () => load.count(503) > 0);
        await system.project.restart(service);
        const before = load.count(201);
        await waitUntil('Work going on', RECOVERY, () => load.count(201) >= before + ENOUGH);
      } finally {
        await load.stop();
      }
      const told = (status: number): string[] =>
        load.sent.filter((sent) => sent.status === status).map(({ txNo }) => txNo);
      const [done, undone, unknown] = [told(201), told(503), told(202)];
      expectThat(
        'Answers besides 201, 202 and 503',
        load.sent.length,
        done.length + undone.length + unknown.length,
      );
      await system.untilCompleted(done);
      await system.expectMoneyConserved();
      for (const txNo of undone)
        expectThat(`${txNo}, answered 503,`, await bank1.transferState(txNo), undefined);
      for (const txNo of unknown)
        if ((await bank1.transferState(txNo)) !== undefined) await system.untilCompleted([txNo]);
      return `201: ${done.length}, 202: ${unknown.length}, 503: ${undone.length}`;
    },
  };
}
