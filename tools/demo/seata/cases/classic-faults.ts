import { TWO_PHASE_PATTERNS } from '@txmsg/contracts';
import { describe } from '../../bank-client.js';
import type { DemoCase } from '../../demo-case.js';
import { assertAnswer, assertMoved, classicTransfer, pairOf, type SeataContext } from '../seata-context.js';

/** The amounts that fail, and where (setting CLASSIC_FAULTS). */
const FAULTS = [
  ['2', 'bank1 throws after it has called bank2'],
  ['3', 'bank2 throws after its phase one'],
] as const;

/** The two faults of the classic banks, which Seata is to answer for. */
export const classicFaults: DemoCase<SeataContext> = {
  title: '(b) Both classic faults, in both modes: the balances are unchanged',

  async play(context) {
    for (const mode of TWO_PHASE_PATTERNS) {
      const pair = pairOf(context, mode);
      for (const [amount, what] of FAULTS) {
        const before = await context.tables.balances(pair);
        const answer = await classicTransfer(context, mode, amount);
        assertAnswer(answer, '409 ROLLED_BACK');
        const now = await assertMoved(context, pair, before, '0.00');
        context.terminal.line(
          `  ${mode.padEnd(3)}  amount=${amount}, ${what}: ${describe(answer)}; ${now.bank1} and ${now.bank2} as before`,
        );
      }
    }
  },
};
