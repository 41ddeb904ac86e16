import { describe } from '../bank-client.js';
import { says } from '../bank-log.js';
import { assertMoved, printBalances, readBalances } from '../balances.js';
import { AMOUNT, assertHolds, printTimeline, type CaseContext, type DemoCase } from '../demo-case.js';
import { logHint } from '../delivery.js';
import { add } from '../money.js';

const ROLLBACK_DEADLINE_MS = 15_000;

/** The half message is at the broker already when bank1's local transaction fails; its ROLLBACK removes it. */
export const bank1Refuses: DemoCase = {
  title: "(b) bank1's local transaction fails: bank2 never hears of it",

  async play(context) {
    const { bank1 } = context.world;
    const txNo = context.transfers.bank1Refuses;
    const before = await readBalances(context);
    printBalances(context, 'before', before);
    const amount = add(before.bank1, AMOUNT);
    const startMs = Date.now();
    const answer = await bank1.client.transfer({ txNo, amount });
    const answeredMs = Date.now();
    assertHolds(
      answer.status === 422,
      `bank1 should have answered 422 INSUFFICIENT_BALANCE, and answered ${describe(answer)}.`,
    );
    const rolledBack = await bank1.log.waitFor(txNo, says('half message ended with ROLLBACK'), {
      what: "bank1's ROLLBACK of the half message",
      deadlineMs: ROLLBACK_DEADLINE_MS,
      hint: logHint(context),
    });
    printTimeline(context, startMs, [
      { atMs: startMs, who: 'you', what: `POST /bank1/transfers: ${amount}, more than the account has` },
      { atMs: answeredMs, who: 'you', what: `get the answer ${describe(answer)}` },
      {
        atMs: rolledBack.timestamp,
        who: 'bank1',
        what: 'told the broker ROLLBACK; the half message is gone',
      },
    ]);
    await assertUnheardOf(context);
    await assertMoved(context, before, '0.00');
  },
};

/** Asked again at the end of the demo, when every check-back and redelivery would have had its time. */
export async function assertUnheardOf({ world, transfers }: CaseContext): Promise<void> {
  const txNo = transfers.bank1Refuses;
  const [sent, received] = await Promise.all([
    world.bank1.client.transferState(txNo),
    world.bank2.client.transferState(txNo),
  ]);
  assertHolds(sent === undefined, `bank1 should know no transfer ${txNo}, and says ${sent}.`);
  assertHolds(received === undefined, `bank2 should never have heard of ${txNo}, and says ${received}.`);
}
