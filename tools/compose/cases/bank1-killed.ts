import { subtract } from '../../demo/money.js';
import type { ComposeCase } from '../compose-case.js';
import { expectThat, PAIR } from '../compose-system.js';

/** The classic gap: the debit is committed, and neither the broker nor the caller has been told. */
export const bank1Killed: ComposeCase = {
  title: 'bank1 is killed between the COMMIT of its database and that of the message',
  async play(system) {
    const txNo = system.newTxNo();
    await system.meetFault('bank1', { point: 'local-transaction.committed', action: 'hang', txNo });
    const bank1 = await system.bank('bank1');
    const before = await bank1.balance(PAIR.accountNo);
    const unanswered = bank1.transfer({ txNo, amount: '1.00' }).catch(() => undefined);
    await system.untilLogged('bank1', 'fault injected', (line) => line.txNo === txNo);
    await system.project.kill('bank1');
    await unanswered;
    expectThat('What bank2 knows', await (await system.bank('bank2')).transferState(txNo), undefined);

    await system.project.restart('bank1');
    await system.untilCompleted([txNo]);
    await system.untilLogged(
      'bank1',
      'check-back answered',
      (line) => line.message === 'check-back answered' && line.txNo === txNo && line.answer === 'COMMIT',
    );
    const restarted = await system.bank('bank1');
    expectThat('The repeated call', (await restarted.transfer({ txNo, amount: '1.00' })).status, 200);
    expectThat('The balance', await restarted.balance(PAIR.accountNo), subtract(before, '1.00'));
    return 'check-back answered COMMIT';
  },
};
