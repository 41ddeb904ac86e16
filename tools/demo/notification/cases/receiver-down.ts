import { waitUntil } from '../../../stack/wait-until.js';
import { meetFault } from '../../admin-call.js';
import { assertHolds, printTimeline, type DemoCase } from '../../demo-case.js';
import { add } from '../../money.js';
import type { TimelineEntry } from '../../timeline.js';
import {
  AMOUNT,
  balance,
  logHint,
  messagesSent,
  pay,
  untilCredited,
  WAIT_DEADLINE_MS,
  type NotificationContext,
} from '../notification-context.js';

const CRASH_DEADLINE_MS = 15_000;

/** Payment and message are one transaction, and the broker keeps the message for a receiver that is away. */
export const receiverDown: DemoCase<NotificationContext> = {
  title: '(b) Ours, pay killed at the same moment and bank1 down: told late, credited once',

  async play(context) {
    const { world, run, made } = context;
    const txNo = `${run}-b`;
    made.push({ txNo, way: 'ours, killed after COMMIT', isBroken: false });
    const had = await balance(context);
    const before = await messagesSent(context);
    await meetFault(world, world.pay, { point: 'service:payment.committed', action: 'kill', txNo });
    const down = await world.bank1.kill();
    const startMs = Date.now();
    const answer = await pay(context, txNo).catch(() => undefined);
    const crashed = await world.pay.untilEnded(CRASH_DEADLINE_MS);
    const readyMs = await world.startAnother('pay');
    const repeated = await pay(context, txNo);
    const repeatedMs = Date.now();
    const sent = await untilSent(context, before);
    const upMs = await world.startAnother('bank1');
    const creditedMs = await untilCredited(context, txNo);
    const has = await balance(context);
    printTimeline(context, down.atMs, [
      { atMs: down.atMs, who: 'bank1', what: `killed (${down.how}): the receiver is down` },
      { atMs: startMs, who: 'you', what: `POST /pay/topups: ${AMOUNT}` },
      {
        atMs: crashed.atMs,
        who: 'pay',
        what: `killed (${crashed.how}) right after COMMIT; you get no answer`,
      },
      { atMs: readyMs, who: 'pay', what: 'another instance is ready' },
      { atMs: repeatedMs, who: 'you', what: `repeat the call with the same key: ${repeated.status}` },
      ...sent,
      { atMs: upMs, who: 'bank1', what: 'another instance is ready' },
      { atMs: creditedMs, who: 'bank1', what: `CREDITED: ${had} has become ${has}` },
    ]);
    assertHolds(answer === undefined, `The first call should have no answer, and has ${answer?.status}.`);
    assertHolds(
      repeated.status === 200,
      `The repeated call should be answered 200, since the payment was committed, and was ${repeated.status} ${repeated.text}.`,
    );
    assertHolds(has === add(had, AMOUNT), `bank1 should have ${add(had, AMOUNT)}, and has ${has}.`);
  },
};

/** Waits until the message is at the broker, where that can be seen: bank1 is still down. */
async function untilSent(context: NotificationContext, before: number | undefined): Promise<TimelineEntry[]> {
  if (before === undefined) return [];
  context.terminal.progress('Waiting until the message is at the broker …');
  const wait = { deadlineMs: WAIT_DEADLINE_MS, hint: logHint(context) };
  await waitUntil('The message about the payment', wait, async () => {
    return ((await messagesSent(context)) ?? 0) > before;
  });
  return [{ atMs: Date.now(), who: 'broker', what: 'has got the message out of the table, and keeps it' }];
}
