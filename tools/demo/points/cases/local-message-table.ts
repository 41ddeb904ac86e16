import { assertHolds, printTimeline, type DemoCase } from '../../demo-case.js';
import type { TimelineEntry } from '../../timeline.js';
import { logHint, POINTS, register, untilPoints, type PointsContext } from '../points-context.js';

const CRASH_DEADLINE_MS = 15_000;
const DUPLICATE_DEADLINE_MS = 90_000;

/** Where user is killed, and what is to be seen afterwards. */
interface Crash {
  /** The last part of the txNo. */
  readonly number: string;
  readonly title: string;
  readonly point: string;
  readonly killed: string;
  /** What the repeated call is answered: 201 when the first one stored nothing. */
  readonly repeated: 200 | 201;
  /** Whether the message is sent once more, to be found a duplicate. */
  readonly isSentTwice: boolean;
}

const CRASHES: readonly Crash[] = [
  {
    number: 'c',
    title: '(c) Ours, the local message table, killed before COMMIT: neither a user nor a message',
    point: 'service:registration.before-commit',
    killed: 'right before COMMIT',
    repeated: 201,
    isSentTwice: false,
  },
  {
    number: 'd',
    title: '(d) Ours, killed between COMMIT and sending: the message is in the table, and goes out',
    point: 'service:registration.committed',
    killed: 'right after COMMIT, before it sent anything',
    repeated: 200,
    isSentTwice: false,
  },
  {
    number: 'e',
    title: '(e) Ours, killed between sending and noting it: sent twice, added once',
    point: 'outbox.published',
    killed: 'right after it sent the message',
    repeated: 200,
    isSentTwice: true,
  },
];

/** The fault that user is started with for the first of these cases. */
export function firstCrash(run: string): object {
  return crashFault(run, CRASHES[0]);
}

export const localMessageTable: readonly DemoCase<PointsContext>[] = CRASHES.map((crash, index) => ({
  title: crash.title,

  async play(context) {
    const { world, terminal, run, made } = context;
    const txNo = `${run}-${crash.number}`;
    const startMs = Date.now();
    // A relay is killed after its caller has the answer.
    await register(context, txNo, 'Alice').catch(() => undefined);
    const crashed = await world.user.untilEnded(CRASH_DEADLINE_MS);

    terminal.progress('Starting another user …');
    const next = CRASHES[index + 1];
    const another = world.startAnotherUser(next === undefined ? [] : [crashFault(run, next)]);
    await another.waitUntilReady();
    const readyMs = Date.now();
    const answer = await register(context, txNo, 'Alice');
    const repeatedMs = Date.now();
    const userId = String(answer.body?.userId);
    made.push({ userId, way: `local message table, killed ${crash.killed}`, isBroken: false });
    terminal.progress('Waiting for the points …');
    const { atMs, points } = await untilPoints(context, userId);
    printTimeline(context, startMs, [
      { atMs: startMs, who: 'you', what: 'POST /user/register' },
      { atMs: crashed.atMs, who: 'user', what: `killed (${crashed.how}) ${crash.killed}` },
      { atMs: readyMs, who: 'user', what: 'another instance is ready' },
      { atMs: repeatedMs, who: 'you', what: `repeat the call with the same key: ${answer.status}` },
      { atMs, who: 'points', what: `${points} points` },
      ...(crash.isSentTwice ? [await untilDuplicate(context, txNo)] : []),
    ]);
    assertHolds(
      answer.status === crash.repeated,
      `The repeated call should have been answered ${crash.repeated}, and was answered ${answer.status} ${answer.text}.`,
    );
    assertHolds(points === POINTS, `The user should have ${POINTS} points, and has ${points}.`);
  },
}));

function crashFault(run: string, crash: Crash | undefined): object {
  return { point: crash?.point, action: 'kill', txNo: `${run}-${crash?.number}` };
}

async function untilDuplicate(context: PointsContext, txNo: string): Promise<TimelineEntry> {
  context.terminal.progress('Waiting for the same message once more …');
  const line = await context.world.points.log.waitFor(
    txNo,
    ({ message }) => message === 'message consumed: DUPLICATE',
    { what: 'The second delivery', deadlineMs: DUPLICATE_DEADLINE_MS, hint: logHint(context) },
  );
  return { atMs: line.timestamp, who: 'points', what: 'the same message again: a duplicate, nothing added' };
}
