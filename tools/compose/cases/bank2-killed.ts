import { add } from '../../demo/money.js';
import type { ComposeCase } from '../compose-case.js';
import { expectThat, PAIR } from '../compose-system.js';

/** On either side of the COMMIT of its database. */
export const bank2Killed: ComposeCase = {
  title: 'bank2 is killed while it consumes, before and after the COMMIT of its database',
  async play(system) {
    for (const point of ['consume.before-commit', 'consume.committed'] as const) {
      const txNo = system.newTxNo();
      await system.meetFault('bank2', { point, action: 'hang', txNo });
      const before = await (await system.bank('bank2')).balance(PAIR.toAccountNo);
      const bank1 = await system.bank('bank1');
      expectThat('The transfer', (await bank1.transfer({ txNo, amount: '1.00' })).status, 201);
      await system.untilLogged('bank2', 'fault injected', (line) => line.txNo === txNo);
      await system.project.kill('bank2');
      await system.project.restart('bank2');
      await system.untilCompleted([txNo]);
      const after = await (await system.bank('bank2')).balance(PAIR.toAccountNo);
      expectThat(`The balance after a kill at ${point}`, after, add(before, '1.00'));
    }
    return undefined;
  },
};
