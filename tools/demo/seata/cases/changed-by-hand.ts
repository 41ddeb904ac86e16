import { meetFault } from '../../admin-call.js';
import { describe } from '../../bank-client.js';
import { assertHolds, printTimeline, type DemoCase } from '../../demo-case.js';
import { add } from '../../money.js';
import { waitUntil } from '../../../stack/wait-until.js';
import {
  AMOUNT,
  assertMoved,
  logHint,
  OPENING,
  stateAt,
  transfer,
  untilLogged,
  type SeataContext,
} from '../seata-context.js';

const PHASE_ONE_DEADLINE_MS = 30_000;
/** What is added by hand, and stays. */
const DEPOSIT = '5.00';

/** What AT cannot do: give back a row that others have changed. It says so, and touches nothing. */
export const changedByHand: DemoCase<SeataContext> = {
  title: '(e) AT: somebody changes the row by hand between the phases, and it cannot be rolled back',
  verdict: 'said loudly, and nothing was overwritten',

  async play(context) {
    const { world, tables, terminal, run } = context;
    // Of its own: the coordinator keeps the global locks of what it has given up.
    const pair = `${run}-hand`;
    const txNo = `${run}-e`;
    await tables.openAccounts(pair, OPENING);
    const before = await tables.balances(pair);
    await meetFault(world, world.bank1, { point: 'service:transfer.credited', action: 'hang', txNo });
    const startMs = Date.now();
    const answer = transfer(context, 'AT', { txNo, pair });
    const wait = { deadlineMs: PHASE_ONE_DEADLINE_MS, intervalMs: 20, hint: logHint(context) };
    let xid = '';
    await waitUntil('Phase one at bank2', wait, async () => {
      const credit = await stateAt(world.bank2, 'credits', txNo);
      xid = credit?.xid ?? '';
      return credit?.state === 'OPEN';
    });
    await tables.depositAtBank2(pair, DEPOSIT);
    const changedMs = Date.now();
    terminal.progress('Waiting until bank1 gives up, and bank2 is asked to roll back …');
    await untilLogged(world.bank2, xid, 'a person must look');
    const saidMs = Date.now();
    const now = await tables.balances(pair);
    terminal.progress('Waiting for the answer …');
    const answered = await answer;
    const answeredMs = Date.now();
    await tables.takeBack(txNo, xid);
    const mendedMs = Date.now();
    printTimeline(context, startMs, [
      {
        atMs: startMs,
        who: 'you',
        what: `POST /bank1/at/transfers: ${AMOUNT}; bank1 hangs after both phases one`,
      },
      {
        atMs: changedMs,
        who: 'you',
        what: `add ${DEPOSIT} to the payee's balance, with SQL and without a global lock`,
      },
      {
        atMs: saidMs,
        who: 'bank2',
        what: 'RollbackFailed: "a person must look", with table, key and column',
      },
      {
        atMs: answeredMs,
        who: 'bank1',
        what: `${describe(answered)}, and ${now.bank1} and ${now.bank2} stand`,
      },
      {
        atMs: mendedMs,
        who: 'you',
        what: 'take the transfer back at both banks, then delete their undo logs',
      },
    ]);
    assertHolds(
      describe(answered) === '202 UNKNOWN',
      `What nobody has ended should be answered 202 UNKNOWN, and was ${describe(answered)}: ${answered.text}`,
    );
    await assertMoved(context, pair, { ...before, bank2: add(before.bank2, DEPOSIT) }, '0.00');
  },
};
