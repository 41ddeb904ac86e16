import { TWO_PHASE_PATTERNS } from '@txmsg/contracts';
import { meetFault } from '../../admin-call.js';
import { describe } from '../../bank-client.js';
import { assertHolds, printTimeline, type DemoCase } from '../../demo-case.js';
import { waitUntil } from '../../../stack/wait-until.js';
import type { TimelineEntry } from '../../timeline.js';
import {
  AMOUNT,
  assertMoved,
  logHint,
  pairOf,
  stateAt,
  transfer,
  untilEnded,
  type SeataContext,
} from '../seata-context.js';

const PHASE_ONE_DEADLINE_MS = 30_000;

/** Both banks have made phase one, and the one who decides is gone. */
export const coordinatorKilled: DemoCase<SeataContext> = {
  title: '(d) The coordinator killed in the middle of two transfers, and back: both banks agree',

  async play(context) {
    const { world, tables, terminal } = context;
    const transfers = TWO_PHASE_PATTERNS.map((mode) => {
      const pair = pairOf(context, mode);
      return { mode, pair, txNo: `${pair}-d` };
    });
    const before = await Promise.all(transfers.map(({ pair }) => tables.balances(pair)));
    // bank1 hangs there until its time is over, so that the coordinator is killed between the phases.
    await meetFault(world, world.bank1, { point: 'service:transfer.credited', action: 'hang', times: 2 });
    const startMs = Date.now();
    const answers = transfers.map(async ({ mode, ...order }) => {
      const answer = await transfer(context, mode, order);
      return { mode, answer, atMs: Date.now() };
    });
    terminal.progress('Waiting for phase one at both banks …');
    const wait = { deadlineMs: PHASE_ONE_DEADLINE_MS, intervalMs: 20, hint: logHint(context) };
    await waitUntil('Phase one at bank2', wait, async () => {
      const credits = transfers.map(({ txNo }) => stateAt(world.bank2, 'credits', txNo));
      return (await Promise.all(credits)).every((credit) => credit?.state === 'OPEN');
    });
    await world.servers.kill('seata');
    const killedMs = Date.now();
    terminal.progress('Starting the coordinator again …');
    await world.servers.startAgain('seata');
    const backMs = Date.now();
    const answered = await Promise.all(answers);
    await Promise.all([world.bank1.waitUntilReady(), world.bank2.waitUntilReady()]);
    const endedMs = await untilEnded(context);
    const entries: TimelineEntry[] = answered.map(({ mode, answer, atMs }) => ({
      atMs,
      who: 'bank1',
      what: `answers the transfer under ${mode}: ${describe(answer)}`,
    }));
    printTimeline(context, startMs, [
      { atMs: startMs, who: 'you', what: `two transfers of ${AMOUNT}; bank1 hangs after both phases one` },
      { atMs: killedMs, who: 'seata', what: 'killed (SIGKILL): nobody can decide' },
      { atMs: backMs, who: 'seata', what: 'is back, and knows what was open' },
      ...entries,
      { atMs: endedMs, who: 'you', what: 'look: nothing is open at either bank' },
    ]);
    for (const [index, { mode, pair, txNo }] of transfers.entries()) {
      const said = describe(answered[index]?.answer ?? { status: 0, body: undefined });
      const isCommitted = (await stateAt(world.bank1, 'transfers', txNo))?.state === 'COMMITTED';
      const had = before[index] ?? { bank1: '', bank2: '' };
      await assertMoved(context, pair, had, isCommitted ? AMOUNT : '0.00');
      const truths = isCommitted ? ['201 COMMITTED', '202 UNKNOWN'] : ['409 ROLLED_BACK', '202 UNKNOWN'];
      assertHolds(
        truths.includes(said),
        `The transfer under ${mode} was answered ${said}, which is not true.`,
      );
    }
  },
};
