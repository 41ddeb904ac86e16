import { TWO_PHASE_PATTERNS } from '@txmsg/contracts';
import { describe } from '../../bank-client.js';
import { assertHolds, type DemoCase } from '../../demo-case.js';
import {
  assertLook,
  BOTH,
  described,
  register,
  registering,
  untilEnded,
  type RegistrationContext,
} from '../registration-context.js';

/** Nothing goes wrong. */
export const made: DemoCase<RegistrationContext> = {
  title: '(a) A registration that both services commit, under AT and under TCC',

  async play(context) {
    for (const mode of TWO_PHASE_PATTERNS) {
      const order = registering(context, mode, 'a');
      const said = describe(await register(context, order));
      assertHolds(said === '201 COMMITTED', `The answer should be 201 COMMITTED, and is ${said}.`);
      const seen = await untilEnded(context, order);
      context.terminal.line(`  ${mode.padEnd(3)}  ${said}; ${described(seen)}`);
      assertLook(seen, BOTH);
    }
  },
};
