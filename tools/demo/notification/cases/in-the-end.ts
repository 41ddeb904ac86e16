import { auditOneServer, describeDisagreement } from '@txmsg/bank/audit';
import { assertHolds, type DemoCase } from '../../demo-case.js';
import {
  ask,
  payResult,
  topUpState,
  untilCredited,
  type NotificationContext,
} from '../notification-context.js';

/** What the classic way has left for good, and what ours has; then the question that nobody had asked. */
export const inTheEnd: DemoCase<NotificationContext> = {
  title: 'In the end: is credited exactly what was paid?',

  async play(context) {
    const { terminal, world, made } = context;
    for (const { txNo, way, isBroken } of made) {
      if (!isBroken) await untilCredited(context, txNo);
      const [result, state] = await Promise.all([payResult(context, txNo), topUpState(context, txNo)]);
      const isPaid = result === 'success';
      const isCredited = state === 'CREDITED';
      const words = [isPaid ? 'paid    ' : 'not paid', isPaid === isCredited ? '=' : '≠'];
      terminal.line(`  ${words.join(' ')} ${isCredited ? 'credited    ' : 'not credited'}  ${way}`);
      if (isBroken) assertHolds(isPaid && !isCredited, `"${way}" should have come out wrong.`);
      else assertHolds(isPaid && isCredited, `"${way}" should be paid and credited.`);
    }
    for (const { txNo } of made.filter(({ isBroken }) => isBroken)) {
      const { status, body, text } = await ask(context, txNo);
      const isMended = status === 200 && body?.state === 'CREDITED';
      assertHolds(isMended, `Asking should have credited it, and was answered ${status} ${text}.`);
      terminal.line(`  GET /bank1/payresult/${txNo}: CREDITED, once somebody asks`);
    }
    const { agrees, disagreements } = await auditOneServer(world.mysqlRootUrl);
    const named = disagreements.listed.map(describeDisagreement).join(' ');
    assertHolds(agrees, `The audit of the banks should agree. ${named}`);
    terminal.line('  The audit agrees: bank1 has what it had, less what it sent, plus every top-up once.');
  },
};
