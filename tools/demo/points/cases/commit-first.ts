import { randomUUID } from 'node:crypto';
import { USER_REGISTERED_TOPIC } from '@txmsg/contracts';
import { assertHolds, printTimeline, type DemoCase } from '../../demo-case.js';
import { killAfterFirstStep } from '../killed-registration.js';
import { userExists, type PointsContext } from '../points-context.js';

/** The user is there, and nothing that is stored anywhere says that a message is still to be sent. */
export const commitFirst: DemoCase<PointsContext> = {
  title: '(b) The broken way "commit, then send": a user whose points are lost',
  verdict: 'broken, as it must be',

  async play(context) {
    const { terminal, run, made } = context;
    const userId = randomUUID();
    made.push({ userId, way: 'commit, then send', isBroken: true });
    terminal.progress('Starting a program that commits first …');
    const before = await context.world.messagesEver(USER_REGISTERED_TOPIC);
    const { stepMs, killedMs } = await killAfterFirstStep(context, 'commit-first', {
      txNo: `${run}-b`,
      userId,
    });
    const exists = await userExists(context, userId);
    const after = await context.world.messagesEver(USER_REGISTERED_TOPIC);
    const sent = before === undefined || after === undefined ? 0 : after - before;
    printTimeline(context, stepMs, [
      { atMs: stepMs, who: 'program', what: 'database transaction committed: the user exists' },
      { atMs: killedMs, who: 'program', what: 'killed (SIGKILL) before it sent the message' },
      { atMs: Date.now(), who: 'you', what: `GET /user/users/…: ${exists ? '200' : '404'}` },
      { atMs: Date.now(), who: 'broker', what: `has got ${sent} messages about it, and will get none` },
    ]);
    assertHolds(exists, 'The user should exist, since it was committed.');
    assertHolds(sent === 0, `No message should have been sent, and there are ${sent}.`);
    terminal.line('  The points are lost, and no process knows of it. They are looked for again at the end.');
  },
};
