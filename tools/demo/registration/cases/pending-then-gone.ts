import { TWO_PHASE_PATTERNS } from '@txmsg/contracts';
import { describe } from '../../bank-client.js';
import { assertHolds, printTimeline, type DemoCase } from '../../demo-case.js';
import { meetFault } from '../../admin-call.js';
import { waitUntil } from '../../../stack/wait-until.js';
import {
  assertLook,
  BOTH,
  described,
  logHint,
  look,
  NOTHING,
  register,
  registering,
  untilEnded,
  type Look,
  type RegistrationContext,
} from '../registration-context.js';

const PHASE_ONE_DEADLINE_MS = 30_000;

/** Both rows are there, and may still be rolled back: what do readers see? */
export const pendingThenGone: DemoCase<RegistrationContext> = {
  title:
    '(c) Both are made and user hangs before it asks for the commit: every reader sees PENDING, then nothing',

  async play(context) {
    const { world, terminal } = context;
    for (const mode of TWO_PHASE_PATTERNS) {
      const order = registering(context, mode, 'c');
      await meetFault(world, world.user, {
        point: 'service:account-registration.account-made',
        action: 'hang',
        txNo: order.txNo,
      });
      const startMs = Date.now();
      const answering = register(context, order).then((answer) => ({ answer, atMs: Date.now() }));
      terminal.progress('Waiting until both are there …');
      const wait = { deadlineMs: PHASE_ONE_DEADLINE_MS, intervalMs: 20, hint: logHint(context) };
      let pending: Look | undefined;
      await waitUntil('Phase one at both services', wait, async () => {
        pending = await look(context, order);
        return pending.account === 'PENDING';
      });
      const pendingMs = Date.now();
      const { answer, atMs: answeredMs } = await answering;
      const gone = await untilEnded(context, order);
      const again = await register(context, order);
      const repeatedMs = Date.now();
      const seen = await untilEnded(context, order);
      printTimeline(context, startMs, [
        { atMs: startMs, who: 'you', what: `POST /user/registrations under ${mode}; user hangs` },
        { atMs: pendingMs, who: 'reader', what: pending === undefined ? '' : described(pending) },
        { atMs: answeredMs, who: 'user', what: `its time is over: ${describe(answer)}` },
        { atMs: gone.atMs, who: 'reader', what: described(gone) },
        { atMs: repeatedMs, who: 'you', what: `repeat the call with the same key: ${describe(again)}` },
        { atMs: seen.atMs, who: 'reader', what: described(seen) },
      ]);
      if (pending !== undefined) assertLook(pending, { user: 'PENDING', account: 'PENDING', login: 401 });
      assertLook(gone, NOTHING);
      assertLook(seen, BOTH);
      const [first, second] = [describe(answer), describe(again)];
      assertHolds(first === '409 ROLLED_BACK', `The first call was answered ${first}, which is not true.`);
      assertHolds(second === '201 COMMITTED', `The repeated call was answered ${second}.`);
    }
  },
};
