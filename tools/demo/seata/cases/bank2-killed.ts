import { TWO_PHASE_PATTERNS } from '@txmsg/contracts';
import { meetFault } from '../../admin-call.js';
import { describe } from '../../bank-client.js';
import { assertHolds, printTimeline, type DemoCase } from '../../demo-case.js';
import {
  AMOUNT,
  assertMoved,
  pairOf,
  stateAt,
  transfer,
  untilEnded,
  type SeataContext,
} from '../seata-context.js';

const CRASH_DEADLINE_MS = 30_000;

/** Phase one was made at both banks, the coordinator has decided, and bank2 is gone before it can act. */
export const bank2Killed: readonly DemoCase<SeataContext>[] = TWO_PHASE_PATTERNS.map((mode) => ({
  title: `(c) ${mode}: bank2 killed after its phase one, when it is asked to commit`,

  async play(context) {
    const { world, tables, terminal } = context;
    const pair = pairOf(context, mode);
    const txNo = `${pair}-c`;
    const before = await tables.balances(pair);
    await meetFault(world, world.bank2, { point: 'service:seata.rm.commit-received', action: 'kill' });
    const startMs = Date.now();
    const answer = await transfer(context, mode, { txNo, pair });
    const answeredMs = Date.now();
    terminal.progress('Waiting for the end of bank2 …');
    const crashed = await world.bank2.untilEnded(CRASH_DEADLINE_MS);
    const readyMs = await world.startAnotherBank2();
    const endedMs = await untilEnded(context);
    const at2 = await stateAt(world.bank2, 'credits', txNo);
    const now = await assertMoved(context, pair, before, AMOUNT);
    printTimeline(context, startMs, [
      { atMs: startMs, who: 'you', what: `POST /bank1/${mode.toLowerCase()}/transfers: ${AMOUNT}` },
      { atMs: crashed.atMs, who: 'bank2', what: `killed (${crashed.how}) when it was asked to commit` },
      { atMs: answeredMs, who: 'bank1', what: describe(answer) },
      { atMs: readyMs, who: 'bank2', what: 'another instance is ready; the coordinator goes on asking' },
      {
        atMs: endedMs,
        who: 'bank2',
        what: `${String(at2?.state)}; bank1 has ${now.bank1}, bank2 has ${now.bank2}`,
      },
    ]);
    assertHolds(
      ['201 COMMITTED', '202 UNKNOWN'].includes(describe(answer)),
      `What will be committed was answered ${describe(answer)}.`,
    );
    assertHolds(
      at2?.state === 'CREDITED',
      `bank2 should have credited it, and has it as ${String(at2?.state)}.`,
    );
  },
}));
