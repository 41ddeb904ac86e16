import { describe } from '../../demo/bank-client.js';
import { add, subtract } from '../../demo/money.js';
import type { ComposeCase } from '../compose-case.js';
import { expectThat, PAIR } from '../compose-system.js';

export const aTransfer: ComposeCase = {
  title: 'a transfer, by POST and by the classic GET',
  async play(system) {
    const [bank1, bank2] = [await system.bank('bank1'), await system.bank('bank2')];
    const before = [await bank1.balance(PAIR.accountNo), await bank2.balance(PAIR.toAccountNo)] as const;
    const [posted, classic] = [system.newTxNo(), system.newTxNo()];
    const answers = [
      await bank1.transfer({ txNo: posted, amount: '12.34' }),
      await bank1.classicTransfer({ txNo: classic, amount: '100' }),
    ];
    expectThat('The answers', answers.map(describe), ['201 DEBITED', '200 DEBITED']);
    await system.untilCompleted([posted, classic]);
    const after = [await bank1.balance(PAIR.accountNo), await bank2.balance(PAIR.toAccountNo)];
    expectThat('The balances', after, [subtract(before[0], '112.34'), add(before[1], '112.34')]);
    return undefined;
  },
};
