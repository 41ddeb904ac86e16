import { waitUntil } from '../../stack/wait-until.js';
import { describe } from '../bank-client.js';
import type { TransferLine } from '../bank-log.js';
import { assertMoved, printBalances, readBalances } from '../balances.js';
import type { DemoBank } from '../demo-bank.js';
import type { ServiceEnd } from '../demo-service.js';
import { AMOUNT, assertHolds, printTimeline, type CaseContext, type DemoCase } from '../demo-case.js';
import { logHint, waitUntilCredited } from '../delivery.js';

const CRASH_DEADLINE_MS = 10_000;
/** The broker asks after 6 s and then every 5 s; some of its check-backs go to the producer that crashed. */
const CHECK_BACK_DEADLINE_MS = 90_000;
const DELIVERY_DEADLINE_MS = 30_000;

/** The fault that bank1 is started with. */
export const bank1CrashFault = (txNo: string): object => ({
  point: 'local-transaction.committed',
  action: 'kill',
  txNo,
});

/** The money has left account 1 for good, and no process knows; only bank1's database does. */
export const bank1Crashes: DemoCase = {
  title: '(c) bank1 commits its database and crashes before it tells anyone: check-back delivers',

  async play(context) {
    const { world, terminal } = context;
    const txNo = context.transfers.bank1Crashes;
    const call = { txNo, amount: AMOUNT };
    const before = await readBalances(context);
    printBalances(context, 'before', before);

    const startMs = Date.now();
    const crash = await killByCall(world.bank1, call);
    printTimeline(context, startMs, [
      { atMs: startMs, who: 'you', what: `POST /bank1/transfers: ${AMOUNT} from account 1 to account 2` },
      { atMs: crash.atMs, who: 'bank1', what: `killed (${crash.how}) right after COMMIT; you get no answer` },
    ]);

    terminal.progress('Starting another bank1 …');
    const another = world.startAnotherBank1();
    await another.waitUntilReady();
    const readyMs = Date.now();
    const repeated = await another.client.transfer(call);
    const repeatedMs = Date.now();
    assertHolds(
      repeated.status === 200 && repeated.body?.state === 'DEBITED',
      `The repeated call should have been answered 200 DEBITED, and was answered ${describe(repeated)}.`,
    );
    printTimeline(context, startMs, [
      { atMs: readyMs, who: 'bank1', what: 'another instance is ready' },
      { atMs: repeatedMs, who: 'you', what: `repeat the call with the same txNo: ${describe(repeated)}` },
    ]);

    terminal.progress('Waiting for the broker to ask about the half message …');
    const answered = await waitForCheckBack(context, another, txNo);
    const credited = await waitUntilCredited(context, txNo, DELIVERY_DEADLINE_MS);
    printTimeline(context, startMs, [
      { atMs: answered, who: 'bank1', what: 'is asked about the half message; its barrier row says COMMIT' },
      { atMs: credited?.timestamp, who: 'bank2', what: 'account 2 credited' },
    ]);
    await assertMoved(context, before, AMOUNT);
  },
};

async function killByCall(bank1: DemoBank, call: { txNo: string; amount: string }): Promise<ServiceEnd> {
  const answer = await bank1.client.transfer(call).catch(() => undefined);
  assertHolds(
    answer === undefined,
    `bank1 should have crashed without an answer, and answered ${answer ? describe(answer) : ''}.`,
  );
  await waitUntil('The crash of bank1', { deadlineMs: CRASH_DEADLINE_MS }, () => !bank1.isRunning);
  return bank1.ended;
}

/** When the answer was given: the half message is asked about until the answer is not UNKNOWN. */
async function waitForCheckBack(context: CaseContext, bank1: DemoBank, txNo: string): Promise<number> {
  const line = await bank1.log.waitFor(txNo, isAnsweredCommit, {
    what: "bank1's answer COMMIT to the broker's check-back",
    deadlineMs: CHECK_BACK_DEADLINE_MS,
    hint: logHint(context),
  });
  return line.timestamp;
}

const isAnsweredCommit = ({ message, answer }: TransferLine): boolean =>
  message === 'check-back answered' && answer === 'COMMIT';
