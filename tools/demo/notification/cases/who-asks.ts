import { postJson } from '../../../../e2e/kit/http.js';
import { waitUntil } from '../../../stack/wait-until.js';
import { assertHolds, printTimeline, type DemoCase } from '../../demo-case.js';
import { add } from '../../money.js';
import {
  ACCOUNT_NO,
  AMOUNT,
  ask,
  balance,
  logHint,
  payAndBeKilled,
  topUpState,
  untilCredited,
  WAIT_DEADLINE_MS,
  type NotificationContext,
} from '../notification-context.js';

/** The first two pauses of bank1's ladder. */
const FIRST_PAUSE_S = 60;
const SECOND_PAUSE_S = 300;

/** No message ever comes, as in (a); but the receiver was told what to expect, and does not forget it. */
export const whoAsks: DemoCase<NotificationContext> = {
  title: '(c) No message ever comes, and bank1 is killed: it asks on its ladder',

  async play(context) {
    const { world, tables, run, made } = context;
    const txNo = `${run}-c`;
    made.push({ txNo, way: 'classic, but expected by bank1', isBroken: false });
    const had = await balance(context);
    const startMs = Date.now();
    const body = JSON.stringify({ txNo, accountNo: ACCOUNT_NO, amount: AMOUNT });
    const expected = await postJson(`${world.bank1.url}/topups`, body);
    assertHolds(
      expected.status === 201,
      `bank1 should expect it, and answers ${expected.status} ${expected.text}.`,
    );

    await tables.moveTopUpClock(txNo, FIRST_PAUSE_S);
    const firstMovedMs = Date.now();
    const askedMs = await untilAsked(context, txNo);
    const undecided = await topUpState(context, txNo);
    const { insertedMs, killedMs } = await payAndBeKilled(context, txNo);
    const killed = await world.bank1.kill();
    const readyMs = await world.startAnother('bank1');
    const found = await topUpState(context, txNo);

    await tables.moveTopUpClock(txNo, SECOND_PAUSE_S);
    const secondMovedMs = Date.now();
    const creditedMs = await untilCredited(context, txNo);
    const again = await ask(context, txNo);
    const has = await balance(context);
    const what = (seconds: number): string => `moved on by ${seconds / 60} min (rows set back)`;
    printTimeline(context, startMs, [
      { atMs: startMs, who: 'you', what: `POST /bank1/topups: ${AMOUNT} is expected: ${expected.status}` },
      { atMs: firstMovedMs, who: 'clock', what: what(FIRST_PAUSE_S) },
      { atMs: askedMs, who: 'bank1', what: `asks pay, which knows no such payment: still ${undecided}` },
      { atMs: insertedMs, who: 'program', what: 'INSERT INTO account_pay, committed: paid' },
      { atMs: killedMs, who: 'program', what: 'killed (SIGKILL) before it sent the message' },
      { atMs: killed.atMs, who: 'bank1', what: `killed (${killed.how})` },
      { atMs: readyMs, who: 'bank1', what: `another instance is ready, and finds it ${found}` },
      { atMs: secondMovedMs, who: 'clock', what: what(SECOND_PAUSE_S) },
      { atMs: creditedMs, who: 'bank1', what: `asks pay, which says success: CREDITED` },
      { atMs: Date.now(), who: 'you', what: `GET /bank1/payresult/… once more: ${had} has become ${has}` },
    ]);
    assertHolds(undecided === 'EXPECTED', `Pay's 404 should decide nothing, and the top-up is ${undecided}.`);
    assertHolds(found === 'EXPECTED', `The top-up should be EXPECTED after the crash, and is ${found}.`);
    assertHolds(
      again.status === 200 && again.body?.state === 'CREDITED',
      `Asking again should say CREDITED, and was answered ${again.status} ${again.text}.`,
    );
    assertHolds(has === add(had, AMOUNT), `bank1 should have ${add(had, AMOUNT)}, and has ${has}.`);
  },
};

/** Waits until pay has given an answer that decides nothing. */
async function untilAsked(context: NotificationContext, txNo: string): Promise<number> {
  context.terminal.progress('Waiting for the question of bank1 …');
  const wait = { deadlineMs: WAIT_DEADLINE_MS, intervalMs: 20, hint: logHint(context) };
  await waitUntil('The question of bank1', wait, async () => (await context.tables.asked(txNo)) === 1);
  return Date.now();
}
