import { describe } from '../bank-client.js';
import { assertMoved, printBalances, readBalances } from '../balances.js';
import { AMOUNT, assertHolds, printTimeline, type DemoCase } from '../demo-case.js';
import { waitUntilCredited } from '../delivery.js';

const DELIVERY_DEADLINE_MS = 30_000;

export const bothSucceed: DemoCase = {
  title: '(a) Both banks succeed',

  async play(context) {
    const txNo = context.transfers.bothSucceed;
    const before = await readBalances(context);
    printBalances(context, 'before', before);
    const startMs = Date.now();
    const answer = await context.world.bank1.client.transfer({ txNo, amount: AMOUNT });
    const answeredMs = Date.now();
    assertHolds(
      answer.status === 201,
      `bank1 should have answered 201 DEBITED, and answered ${describe(answer)}.`,
    );
    const credited = await waitUntilCredited(context, txNo, DELIVERY_DEADLINE_MS);
    printTimeline(context, startMs, [
      { atMs: startMs, who: 'you', what: `POST /bank1/transfers: ${AMOUNT} from account 1 to account 2` },
      { atMs: answeredMs, who: 'you', what: `get the answer ${describe(answer)}` },
      { atMs: credited?.timestamp, who: 'bank2', what: 'account 2 credited' },
    ]);
    await assertMoved(context, before, AMOUNT);
  },
};
