import type { ComposeCase } from '../compose-case.js';
import { expectThat, PAIR, type ComposeSystem } from '../compose-system.js';
import { seconds, timed } from '../stop-watch.js';

export const downAndUp: ComposeCase = {
  title: 'everything is there again after down and up',
  async play(system) {
    const before = await balances(system);
    const txNo = system.newTxNo();
    const stoppedMs = await timed(() => system.project.stop());
    const startedMs = await timed(() => system.project.up());
    expectThat('The balances', await balances(system), before);
    expectThat(
      'A transfer',
      (await (await system.bank('bank1')).transfer({ txNo, amount: '0.01' })).status,
      201,
    );
    await system.untilCompleted([txNo]);
    return `down: ${seconds(stoppedMs)}, healthy again: ${seconds(startedMs)}`;
  },
};

async function balances(system: ComposeSystem): Promise<string[]> {
  const [bank1, bank2] = [await system.bank('bank1'), await system.bank('bank2')];
  return [await bank1.balance(PAIR.accountNo), await bank2.balance(PAIR.toAccountNo)];
}
