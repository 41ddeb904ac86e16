import { TOP_UP_WEBHOOK } from '@txmsg/contracts';
import { call, type Answer } from '../../../../e2e/kit/http.js';
import { StackError } from '../../../stack/stack-error.js';
import { waitUntil } from '../../../stack/wait-until.js';
import { meetFault } from '../../admin-call.js';
import { assertHolds, printTimeline, type DemoCase } from '../../demo-case.js';
import type { TimelineEntry } from '../../timeline.js';
import { DemoSubscriber } from '../demo-subscriber.js';
import { AMOUNT, logHint, pay, WAIT_DEADLINE_MS, type NotificationContext } from '../notification-context.js';
import type { DeliveryNow } from '../notification-tables.js';
import type { NotificationWorld } from '../notification-world.js';

/** The ladder of this subscriber, in seconds. */
const LADDER = [60, 300] as const;
/** What a notifier that was killed keeps from others: the deadline of a call and 30 s. */
const LEASE_S = 45;
const CRASH_DEADLINE_MS = 30_000;

/** The part of a play that every step needs. */
interface Play {
  readonly context: NotificationContext;
  readonly subscriber: DemoSubscriber;
  /** The id of the subscriber at notifier. */
  readonly id: string;
  readonly entries: TimelineEntry[];
}

/** The subscriber is away, notifier is killed in a call, the ladder ends; then somebody asks, and tells it again. */
export const otherCompany: DemoCase<NotificationContext> = {
  title: '(d) Across companies: the subscriber is away, notifier is killed; given up, re-driven, done once',

  async play(context) {
    const { world, run } = context;
    const subscriber = await DemoSubscriber.start();
    const startMs = Date.now();
    let id: string | undefined;
    try {
      id = await subscribe(context, subscriber);
      const play: Play = { context, subscriber, id, entries: [] };
      await payOnce(play, `${run}-d`);
      await climb(play);
      await redrive(play);
      printTimeline(context, startMs, play.entries);
      const forged = subscriber.forgeriesTaken();
      assertHolds(forged.length === 0, `The subscriber should have refused ${forged.join(', ')}.`);
      context.terminal.line('  The subscriber refuses a changed byte, another secret and an old time stamp.');
    } finally {
      if (id !== undefined) await request(world, 'DELETE', `subscribers/${id}`);
      await subscriber.close();
    }
    assertHolds(world.notifier.isRunning, 'notifier should be running, and has ended.');
  },
};

async function subscribe(
  { world, run }: NotificationContext,
  { url, secret }: DemoSubscriber,
): Promise<string> {
  const where = { name: run, url, secret, events: [TOP_UP_WEBHOOK], allowPrivateAddresses: true };
  const { body } = await request(world, 'POST', 'subscribers', { ...where, ladder: LADDER, jitter: 0 });
  return String(body?.id);
}

async function payOnce({ context, entries }: Play, txNo: string): Promise<void> {
  context.made.push({ txNo, way: 'ours, told to bank1 and another company', isBroken: false });
  const atMs = Date.now();
  const { status, text } = await pay(context, txNo);
  assertHolds(status === 201, `The payment should be answered 201, and was ${status} ${text}.`);
  entries.push({ atMs, who: 'you', what: `POST /pay/topups: ${AMOUNT}: ${status}` });
}

/** Every call fails. The second one is made by a notifier that is killed before it can record it, and by another. */
async function climb(play: Play): Promise<void> {
  const { context, entries } = play;
  const { world } = context;
  const [first, second] = LADDER;
  const { id } = await untilCalls(play, 1);
  noteCall(play, 1, 'no answer; the next call is due 1 min after this one');
  await meetFault(world, world.notifier, { point: 'service:webhook.called', action: 'kill', txNo: id });
  await moveClock(play, first);
  const killed = await world.notifier.untilEnded(CRASH_DEADLINE_MS);
  noteCall(play, 2, 'no answer');
  entries.push({
    atMs: killed.atMs,
    who: 'notifier',
    what: `killed (${killed.how}) before it records this call`,
  });
  const readyMs = await world.startAnother('notifier');
  entries.push({ atMs: readyMs, who: 'notifier', what: 'another instance is ready' });
  await moveClock(play, LEASE_S);
  await untilCalls(play, 2);
  noteCall(play, 3, 'made again, since it was not recorded; no answer; the next is due 5 min later');
  await moveClock(play, second);
  const { state } = await untilCalls(play, 3);
  noteCall(play, 4, `no answer; the ladder has ended: ${state}`);
  assertHolds(state === 'GIVEN_UP', `The notification should be GIVEN_UP, and is ${state}.`);
}

/** Found by a query and begun anew. The subscriber does its work, crashes before it answers, and is called again. */
async function redrive(play: Play): Promise<void> {
  const { context, subscriber, id, entries } = play;
  const { world } = context;
  const answer = await request(world, 'GET', `notifications?subscriber=${id}&state=GIVEN_UP`);
  const found = (answer.body?.notifications ?? []) as readonly { id: string }[];
  assertHolds(found.length === 1, `One notification should be found GIVEN_UP, and ${found.length} are.`);
  entries.push({
    atMs: Date.now(),
    who: 'you',
    what: `GET /notifier/notifications?state=GIVEN_UP: ${found.length}`,
  });
  subscriber.mood = 'crashing';
  const redrivenMs = Date.now();
  await request(world, 'POST', `notifications/${found[0]?.id}/redrive`);
  entries.push({ atMs: redrivenMs, who: 'you', what: 'POST …/redrive: the subscriber is back' });
  await untilCalls(play, 4);
  noteCall(play, 5, 'verified, and done; it crashes before it answers');
  subscriber.mood = 'well';
  await moveClock(play, LADDER[0]);
  const { state } = await untilCalls(play, 5);
  noteCall(play, 6, `the same webhook-id: a duplicate, nothing done; 204: ${state}`);
  assertHolds(state === 'ACKNOWLEDGED', `The notification should be ACKNOWLEDGED, and is ${state}.`);
  const seen = subscriber.calls.map(({ what }) => what).join(' ');
  const due = `${'NOT_THERE '.repeat(4)}DONE_AND_CRASHED DUPLICATE`;
  assertHolds(seen === due, `The subscriber should have seen ${due}, and saw ${seen}.`);
  const { effects } = subscriber;
  assertHolds(effects.length === 1, `There should be one effect, and there are ${effects.length}.`);
  assertHolds(subscriber.areCallsTheSame, 'Every call should be signed, with one id and the same bytes.');
}

/** Waits until so many calls are recorded. While the ladder goes on, the next is due exactly one pause after the last. */
async function untilCalls({ context, id }: Play, calls: number): Promise<DeliveryNow> {
  const { tables, terminal } = context;
  terminal.progress('Waiting for a call of notifier …');
  let now: DeliveryNow | undefined;
  const wait = { deadlineMs: WAIT_DEADLINE_MS, intervalMs: 20, hint: logHint(context) };
  await waitUntil('A call of notifier', wait, async () => {
    now = await tables.delivery(id);
    return now !== undefined && now.calls >= calls && !now.isClaimed;
  });
  if (now === undefined) throw new Error('the delivery is gone again');
  assertHolds(now.calls === calls, `${calls} calls should be recorded, and there are ${now.calls}.`);
  const pauseS = LADDER[(calls - 1) % (LADDER.length + 1)];
  if (now.state === 'PENDING' && pauseS !== undefined)
    assertHolds(
      now.pauseMs === pauseS * 1000,
      `The next call should be due after ${pauseS} s, and is after ${now.pauseMs} ms.`,
    );
  return now;
}

/** What the subscriber saw of its call number so and so. */
function noteCall({ subscriber, entries }: Play, number: number, what: string): void {
  const call = subscriber.calls[number - 1];
  assertHolds(call !== undefined, `The subscriber should have been called ${number} times.`);
  entries.push({ atMs: call?.atMs, who: 'receiver', what: `call ${number}: ${what}` });
}

async function moveClock({ context, id, entries }: Play, seconds: number): Promise<void> {
  await context.tables.moveDeliveryClock(id, seconds);
  const by = seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`;
  entries.push({ atMs: Date.now(), who: 'clock', what: `moved on by ${by} (rows set back)` });
}

/** As an operator, who has the token. @throws StackError when it is not done */
async function request(
  { notifier, adminToken }: NotificationWorld,
  method: string,
  path: string,
  body?: object,
): Promise<Answer> {
  const headers = {
    authorization: `Bearer ${adminToken}`,
    ...(body !== undefined && { 'content-type': 'application/json' }),
  };
  const init = { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) };
  const answer = await call(`${notifier.url}/${path}`, init);
  if (answer.status < 300) return answer;
  throw new StackError(`${method} ${notifier.url}/${path}: ${answer.status} ${answer.text}`);
}
