import { describe } from '../../bank-client.js';
import { assertHolds, printTimeline, type DemoCase } from '../../demo-case.js';
import { meetFault } from '../../admin-call.js';
import { waitUntil } from '../../../stack/wait-until.js';
import {
  AMOUNT,
  assertMoved,
  logHint,
  pairOf,
  stateAt,
  transfer,
  untilLogged,
  type SeataContext,
} from '../seata-context.js';

const DEADLINE_MS = 60_000;
/** The fence row of a branch that was cancelled before it was tried. */
const SUSPENDED = 4;

/** A try that comes after its cancel would reserve what nobody gives back; the fence refuses it. */
export const suspension: DemoCase<SeataContext> = {
  title: '(f) TCC: the cancel comes before the try, and the try that comes later is refused (suspension)',

  async play(context) {
    const { world, tables, terminal } = context;
    const pair = pairOf(context, 'TCC');
    const txNo = `${pair}-f`;
    const before = await tables.balances(pair);
    terminal.progress('Starting two instances of bank2 …');
    const { first, second, database, coordinator } = await world.startTwoOfBank2();
    // A rule for nobody: with one, every step is logged.
    const nobody = { action: 'hang', txNo: 'nobody' } as const;
    await meetFault(world, first, { point: 'service:seata.tcc.registered', ...nobody });
    database.stop();
    const startMs = Date.now();
    const answer = transfer(context, 'TCC', { txNo, pair });
    const xid = await xidOf(context, txNo);
    await untilLogged(first, xid, 'service:seata.tcc.registered');
    const registeredMs = Date.now();
    coordinator.cut();
    terminal.progress('Waiting until bank1 gives up …');
    const answered = await answer;
    const answeredMs = Date.now();
    const wait = { deadlineMs: DEADLINE_MS, intervalMs: 20, hint: logHint(context) };
    await waitUntil('The cancel at bank2', wait, async () => (await tables.fenceAtBank2(xid)) !== undefined);
    const cancelledMs = Date.now();
    database.goOn();
    await untilLogged(first, xid, 'has been cancelled already');
    const refusedMs = Date.now();
    const fence = await tables.fenceAtBank2(xid);
    const credit = await stateAt(second, 'credits', txNo);
    await Promise.all([first.stop(), second.stop()]);
    await world.startAnotherBank2();
    printTimeline(context, startMs, [
      { atMs: startMs, who: 'you', what: `POST /bank1/tcc/transfers: ${AMOUNT}` },
      {
        atMs: registeredMs,
        who: 'bank2',
        what: 'its branch is registered; then it loses its database and the coordinator',
      },
      { atMs: answeredMs, who: 'bank1', what: `gives up: ${describe(answered)}` },
      {
        atMs: cancelledMs,
        who: 'bank2',
        what: 'a second instance is asked to cancel: an empty rollback, fenced',
      },
      { atMs: refusedMs, who: 'bank2', what: 'the first has its database back, and its try is refused' },
    ]);
    assertHolds(
      describe(answered) === '409 ROLLED_BACK',
      `The answer was ${describe(answered)}: ${answered.text}`,
    );
    assertHolds(fence === SUSPENDED, `The fence row should say ${SUSPENDED}, and says ${String(fence)}.`);
    assertHolds(
      credit === undefined,
      `There should be no credit, and there is one: ${String(credit?.state)}.`,
    );
    await assertMoved(context, pair, before, '0.00');
  },
};

async function xidOf(context: SeataContext, txNo: string): Promise<string> {
  let xid: string | undefined;
  const wait = { deadlineMs: DEADLINE_MS, intervalMs: 10, hint: logHint(context) };
  await waitUntil('The begin of the transfer', wait, async () => {
    xid = (await stateAt(context.world.bank1, 'transfers', txNo))?.xid;
    return xid !== undefined;
  });
  return xid ?? '';
}
