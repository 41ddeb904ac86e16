import type { BankClient } from '../../demo/bank-client.js';
import { StackError } from '../../stack/stack-error.js';
import { waitUntil } from '../../stack/wait-until.js';
import type { ComposeCase } from '../compose-case.js';
import { expectThat } from '../compose-system.js';

const INSTANCES = 3;
const TRANSFERS = 500;
const CALLERS = 8;
const ACCEPT_DEADLINE_MS = 60_000;

export const scaledOut: ComposeCase = {
  title: `${INSTANCES} instances of bank2 share ${TRANSFERS} transfers`,
  async play(system) {
    await system.project.start('bank2', INSTANCES);
    const bank1 = await system.bank('bank1');
    const txNos = Array.from({ length: TRANSFERS }, () => system.newTxNo());
    const waiting = [...txNos];
    const startedMs = performance.now();
    const callRepeatedly = async (): Promise<void> => {
      for (let txNo = waiting.pop(); txNo !== undefined; txNo = waiting.pop()) await accepted(bank1, txNo);
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

/** As a caller does: 202 and 503 mean that the same call is to be made again. */
async function accepted(bank1: BankClient, txNo: string): Promise<void> {
  await waitUntil(`Bank1 accepting ${txNo}`, { deadlineMs: ACCEPT_DEADLINE_MS }, async () => {
    const { status } = await bank1.transfer({ txNo, amount: '0.01' });
    if (![200, 201, 202, 503].includes(status))
      throw new StackError(`Transfer ${txNo} was answered ${status}.`);
    return status <= 201;
  });
}
