import { TWO_PHASE_PATTERNS } from '@txmsg/contracts';
import { describe } from '../../bank-client.js';
import { assertHolds, type DemoCase } from '../../demo-case.js';
import { register, registering, type RegistrationContext } from '../registration-context.js';

/** Somebody else wants the name of the case before. */
export const nameTaken: DemoCase<RegistrationContext> = {
  title: '(b) The name is already used: refused, and neither service has anything of it',

  async play(context) {
    for (const mode of TWO_PHASE_PATTERNS) {
      const { name } = registering(context, mode, 'a');
      const order = { ...registering(context, mode, 'b'), name };
      const said = describe(await register(context, order));
      context.terminal.line(`  ${mode.padEnd(3)}  ${said}`);
      assertHolds(said === '409 NAME_TAKEN', `The answer should be 409 NAME_TAKEN, and is ${said}.`);
    }
  },
};
