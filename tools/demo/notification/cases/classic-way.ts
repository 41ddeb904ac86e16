import { assertHolds, printTimeline, type DemoCase } from '../../demo-case.js';
import {
  messagesSent,
  payAndBeKilled,
  payResult,
  topUpState,
  type NotificationContext,
} from '../notification-context.js';

/** The payment is there, and nothing that is stored anywhere says that a message about it is still to be sent. */
export const classicWay: DemoCase<NotificationContext> = {
  title: '(a) The classic way, "INSERT, then send", killed in between: paid, and nobody is told',
  verdict: 'broken, as it must be',

  async play(context) {
    const { terminal, run, made } = context;
    const txNo = `${run}-a`;
    made.push({ txNo, way: 'classic: INSERT, then send', isBroken: true });
    const before = await messagesSent(context);
    const { insertedMs, killedMs } = await payAndBeKilled(context, txNo);
    const [result, state, after] = await Promise.all([
      payResult(context, txNo),
      topUpState(context, txNo),
      messagesSent(context),
    ]);
    const readMs = Date.now();
    const sent = before === undefined || after === undefined ? 0 : after - before;
    printTimeline(context, insertedMs, [
      { atMs: insertedMs, who: 'program', what: 'INSERT INTO account_pay, committed: paid' },
      { atMs: killedMs, who: 'program', what: 'killed (SIGKILL) before it sent the message' },
      { atMs: readMs, who: 'pay', what: `who asks is told: ${result ?? 'no such payment'}` },
      { atMs: readMs, who: 'broker', what: `has got ${sent} messages about it, and will get none` },
      { atMs: readMs, who: 'bank1', what: `has ${state ?? 'never heard of it'}` },
    ]);
    assertHolds(result === 'success', 'Pay should have the payment, since it was committed.');
    assertHolds(sent === 0, `No message should have been sent, and there are ${sent}.`);
    assertHolds(state === undefined, `bank1 should know nothing of the payment, and says ${state}.`);
    terminal.line('  Nobody expects it at bank1, so nobody asks. It is looked for again at the end.');
  },
};
