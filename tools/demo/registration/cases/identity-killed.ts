import { TWO_PHASE_PATTERNS } from '@txmsg/contracts';
import { describe } from '../../bank-client.js';
import { assertHolds, printTimeline, type DemoCase } from '../../demo-case.js';
import { meetFault } from '../../admin-call.js';
import {
  assertLook,
  BOTH,
  described,
  register,
  registering,
  untilEnded,
  type RegistrationContext,
} from '../registration-context.js';

const CRASH_DEADLINE_MS = 30_000;

/** The coordinator has decided, and identity is gone before it can act. */
export const identityKilled: readonly DemoCase<RegistrationContext>[] = TWO_PHASE_PATTERNS.map((mode) => ({
  title: `(d) ${mode}: identity killed when it is asked to commit`,

  async play(context) {
    const { world, terminal } = context;
    const order = registering(context, mode, 'd');
    await meetFault(world, world.identity, { point: 'service:seata.rm.commit-received', action: 'kill' });
    const startMs = Date.now();
    const answer = await register(context, order);
    const answeredMs = Date.now();
    terminal.progress('Waiting for the end of identity …');
    const crashed = await world.identity.untilEnded(CRASH_DEADLINE_MS);
    const readyMs = await world.startAnother('identity');
    const seen = await untilEnded(context, order);
    printTimeline(context, startMs, [
      { atMs: startMs, who: 'you', what: `POST /user/registrations under ${mode}` },
      { atMs: crashed.atMs, who: 'identity', what: `killed (${crashed.how}) when it was asked to commit` },
      { atMs: answeredMs, who: 'user', what: describe(answer) },
      { atMs: readyMs, who: 'identity', what: 'another instance is ready; the coordinator goes on asking' },
      { atMs: seen.atMs, who: 'reader', what: described(seen) },
    ]);
    assertLook(seen, BOTH);
    assertHolds(
      ['201 COMMITTED', '202 UNKNOWN'].includes(describe(answer)),
      `What will be committed was answered ${describe(answer)}.`,
    );
  },
}));
