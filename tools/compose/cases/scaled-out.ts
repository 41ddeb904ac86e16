import type { ComposeCase } from '../compose-case.js';
import { expectThat } from '../compose-system.js';

const INSTANCES = 3;
const TRANSFERS = 500;
const CALLERS = 8;

export const scaledOut: ComposeCase = {
  title: `${INSTANCES} instances of bank2 share ${TRANSFERS} transfers`,
  async play(system) {
    await system.project.start('bank2', INSTANCES);
    const bank1 = await system.bank('bank1');
    const txNos = Array.from({ length: TRANSFERS }, () => system.newTxNo());
    const waiting = [...txNos];
    const startedMs = performance.now();
    const callRepeatedly = async (): Promise<void> => {
      for (let txNo = waiting.pop(); txNo !== undefined; txNo = waiting.pop())
        expectThat(`Transfer ${txNo}`, (await bank1.transfer({ txNo, amount: '0.01' })).status, 201);
    };
    await Promise.all(Array.from({ length: CALLERS }, callRepeatedly));
    await system.untilCompleted(txNos);
    const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);

    const ours = new Set(txNos);
    const counts = new Map<string, number>();
    for (const { container, message, txNo } of await system.bankLines('bank2')) {
      if (message !== 'message consumed: DONE' || txNo === undefined || !ours.has(txNo)) continue;
      counts.set(container, (counts.get(container) ?? 0) + 1);
    }
    const sum = [...counts.values()].reduce((total, count) => total + count, 0);
    expectThat('Instances that credited, and credits', [counts.size, sum], [INSTANCES, TRANSFERS]);
    await system.project.start('bank2');
    const spread = [...counts].sort().map(([container, count]) => `${container}: ${count}`);
    return `${spread.join(', ')}; ${seconds} s`;
  },
};
