import { describe } from '../bank-client.js';
import type { TransferLine } from '../bank-log.js';
import { assertMoved, printBalances, readBalances } from '../balances.js';
import { AMOUNT, assertHolds, printTimeline, type DemoCase } from '../demo-case.js';
import { logHint, waitUntilCredited } from '../delivery.js';

const DELIVERY_DEADLINE_MS = 30_000;

/** The fault that bank2 is started with: it throws when the account has been credited, before COMMIT. */
export const bank2FailsFirstFault = (txNo: string): object => ({
  point: 'consume.executed',
  action: 'throw',
  times: 1,
  txNo,
});

const isFirstFailure = ({ message }: TransferLine): boolean =>
  /^message comes again in \d+ ms: handler failure 1$/.test(message);

export const bank2FailsFirst: DemoCase = {
  title: '(d) bank2 fails at first: redelivery credits once',

  async play(context) {
    const { bank1, bank2 } = context.world;
    const txNo = context.transfers.bank2FailsFirst;
    const before = await readBalances(context);
    printBalances(context, 'before', before);
    const startMs = Date.now();
    const answer = await bank1.client.transfer({ txNo, amount: AMOUNT });
    const answeredMs = Date.now();
    assertHolds(
      answer.status === 201,
      `bank1 should have answered 201 DEBITED, and answered ${describe(answer)}.`,
    );
    const failed = await bank2.log.waitFor(txNo, isFirstFailure, {
      what: "bank2's first failure (does another bank2 take its messages?)",
      deadlineMs: DELIVERY_DEADLINE_MS,
      hint: logHint(context),
    });
    const credited = await waitUntilCredited(context, txNo, DELIVERY_DEADLINE_MS);
    printTimeline(context, startMs, [
      { atMs: startMs, who: 'you', what: `POST /bank1/transfers: ${AMOUNT} from account 1 to account 2` },
      { atMs: answeredMs, who: 'you', what: `get the answer ${describe(answer)}` },
      {
        atMs: failed.timestamp,
        who: 'bank2',
        what: 'throws after it credited account 2: all of it is rolled back',
      },
      {
        atMs: credited?.timestamp,
        who: 'bank2',
        what: `account 2 credited${credited?.deliveryAttempt ? ` (delivery ${credited.deliveryAttempt})` : ''}`,
      },
    ]);
    await assertMoved(context, before, AMOUNT);
  },
};
