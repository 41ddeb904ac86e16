import { randomUUID } from 'node:crypto';
import { assertHolds, printTimeline, type DemoCase } from '../../demo-case.js';
import { killAfterFirstStep } from '../killed-registration.js';
import { POINTS, untilPoints, userExists, type PointsContext } from '../points-context.js';

/** The message is out, and nobody can take it back. */
export const sendFirst: DemoCase<PointsContext> = {
  title: '(a) The broken way "send, then commit": points for a user who does not exist',
  verdict: 'broken, as it must be',

  async play(context) {
    const { terminal, run, made } = context;
    const userId = randomUUID();
    made.push({ userId, way: 'send, then commit', isBroken: true });
    terminal.progress('Starting a program that sends the message first …');
    const { stepMs, killedMs } = await killAfterFirstStep(context, 'send-first', {
      txNo: `${run}-a`,
      userId,
    });
    terminal.progress('Waiting for the points …');
    const { atMs, points } = await untilPoints(context, userId);
    const exists = await userExists(context, userId);
    printTimeline(context, stepMs, [
      { atMs: stepMs, who: 'program', what: 'message sent: this user has registered' },
      { atMs: killedMs, who: 'program', what: 'killed (SIGKILL) before its database transaction' },
      { atMs, who: 'points', what: `${points} points added, as the message says` },
      {
        atMs: Date.now(),
        who: 'you',
        what: `GET /user/users/…: ${exists ? '200' : '404, there is no such user'}`,
      },
    ]);
    assertHolds(!exists, 'The user should not exist, since nothing was committed.');
    assertHolds(points === POINTS, `The user should have got ${POINTS} points, and has ${points}.`);
    terminal.line('  The points are invented, and no process knows of it.');
  },
};
