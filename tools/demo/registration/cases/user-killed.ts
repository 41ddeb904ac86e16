import { TWO_PHASE_PATTERNS } from '@txmsg/contracts';
import { describe } from '../../bank-client.js';
import { assertHolds, printTimeline, type DemoCase } from '../../demo-case.js';
import { meetFault } from '../../admin-call.js';
import {
  assertLook,
  BOTH,
  described,
  NOTHING,
  register,
  registering,
  untilEnded,
  type RegistrationContext,
} from '../registration-context.js';

const CRASH_DEADLINE_MS = 30_000;

/** Both rows are there, and the one who would ask for the commit is gone. */
export const userKilled: readonly DemoCase<RegistrationContext>[] = TWO_PHASE_PATTERNS.map((mode) => ({
  title: `(e) ${mode}: user killed before it asks for the commit, and the call repeated`,

  async play(context) {
    const { world, terminal } = context;
    const order = registering(context, mode, 'e');
    const point = 'service:account-registration.account-made';
    await meetFault(world, world.user, { point, action: 'kill', txNo: order.txNo });
    const startMs = Date.now();
    // A service that is killed answers nothing.
    await register(context, order).catch(() => undefined);
    terminal.progress('Waiting for the end of user …');
    const crashed = await world.user.untilEnded(CRASH_DEADLINE_MS);
    const readyMs = await world.startAnother('user');
    const gone = await untilEnded(context, order);
    const again = await register(context, order);
    const repeatedMs = Date.now();
    const seen = await untilEnded(context, order);
    printTimeline(context, startMs, [
      { atMs: startMs, who: 'you', what: `POST /user/registrations under ${mode}` },
      {
        atMs: crashed.atMs,
        who: 'user',
        what: `killed (${crashed.how}) with both made, and nothing decided`,
      },
      {
        atMs: readyMs,
        who: 'user',
        what: 'another instance is ready; the coordinator rolls back by its timeout',
      },
      { atMs: gone.atMs, who: 'reader', what: described(gone) },
      { atMs: repeatedMs, who: 'you', what: `repeat the call with the same key: ${describe(again)}` },
      { atMs: seen.atMs, who: 'reader', what: described(seen) },
    ]);
    assertLook(gone, NOTHING);
    assertLook(seen, BOTH);
    assertHolds(
      describe(again) === '201 COMMITTED',
      `The repeated call should have been answered 201 COMMITTED, and was answered ${describe(again)}.`,
    );
  },
}));
