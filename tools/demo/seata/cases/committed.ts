import { TWO_PHASE_PATTERNS } from '@txmsg/contracts';
import { describe } from '../../bank-client.js';
import type { DemoCase } from '../../demo-case.js';
import { AMOUNT, assertAnswer, assertMoved, pairOf, transfer, type SeataContext } from '../seata-context.js';

/** Nothing goes wrong. */
export const committed: DemoCase<SeataContext> = {
  title: '(a) A transfer that both banks commit, under AT and under TCC',

  async play(context) {
    for (const mode of TWO_PHASE_PATTERNS) {
      const pair = pairOf(context, mode);
      const before = await context.tables.balances(pair);
      const answer = await transfer(context, mode, { txNo: `${pair}-a`, pair });
      assertAnswer(answer, '201 COMMITTED');
      const now = await assertMoved(context, pair, before, AMOUNT);
      context.terminal.line(
        `  ${mode.padEnd(3)}  ${describe(answer)}; bank1 has ${now.bank1}, bank2 has ${now.bank2}`,
      );
    }
  },
};
