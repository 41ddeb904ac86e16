import { describe } from '../bank-client.js';
import { says } from '../bank-log.js';
import { assertMoved, printBalances, readBalances } from '../balances.js';
import { AMOUNT, assertHolds, printTimeline, type CaseContext, type DemoCase } from '../demo-case.js';
import { waitUntilCompleted, waitUntilCredited } from '../delivery.js';
import type { TimelineEntry } from '../timeline.js';

const DELIVERY_DEADLINE_MS = 30_000;

/** What a bank's log line says in other words. */
const STEPS = [
  { who: 'bank1', line: 'half message sent', what: 'half message stored by the broker; bank2 cannot see it' },
  {
    who: 'bank1',
    line: 'local transaction ended: COMMIT',
    what: 'local transaction committed: account 1 debited, barrier row written',
  },
  {
    who: 'bank1',
    line: 'half message ended with COMMIT',
    what: 'told the broker COMMIT; the message becomes visible',
  },
  { who: 'bank2', line: 'message received', what: 'message delivered' },
  {
    who: 'bank2',
    line: 'message consumed: DONE',
    what: 'local transaction committed: account 2 credited, barrier row written',
  },
  // The only message that bank1 consumes is bank2's result.
  { who: 'bank1', line: 'message consumed: DONE', what: "bank2's result arrived: the transfer is COMPLETED" },
] as const;

/** One transfer by the classic call, with what each log line of both banks tells about it. */
export const stepByStep: DemoCase = {
  title: `A transfer, step by step: ${AMOUNT} from account 1 at bank1 to account 2 at bank2`,

  async play(context) {
    const txNo = context.transfers.stepByStep;
    const before = await readBalances(context);
    printBalances(context, 'before', before);
    const startMs = Date.now();
    const answer = await context.world.bank1.client.classicTransfer({ txNo, amount: AMOUNT });
    const answeredMs = Date.now();
    assertHolds(
      answer.status === 200,
      `bank1 should have answered 200 DEBITED, and answered ${describe(answer)}.`,
    );
    await waitUntilCredited(context, txNo, DELIVERY_DEADLINE_MS);
    await waitUntilCompleted(context, txNo, DELIVERY_DEADLINE_MS);
    printTimeline(context, startMs, [
      { atMs: startMs, who: 'you', what: `GET /bank1/transfer?amount=${AMOUNT}&txNo=${txNo}` },
      ...stepsOf(context, txNo),
      { atMs: answeredMs, who: 'you', what: `get the answer ${describe(answer)}` },
    ]);
    await assertMoved(context, before, AMOUNT);
  },
};

function stepsOf({ world }: CaseContext, txNo: string): TimelineEntry[] {
  return STEPS.map(({ who, line, what }) => ({
    atMs: world[who].log.find(txNo, says(line))?.timestamp,
    who,
    what,
  }));
}
