import { call, postJson, type Answer } from '../../../e2e/kit/http.js';
import { StackError } from '../../stack/stack-error.js';
import { waitUntil } from '../../stack/wait-until.js';
import type { Terminal } from '../terminal.js';
import type { PointsWorld } from './points-world.js';

/** Above every deadline of the services themselves. */
const CALL_DEADLINE_MS = 15_000;
/** A message that a crashed relay had in hand is left to it for ten seconds. */
const POINTS_DEADLINE_MS = 90_000;

/** What a registration gives, unless a setting says otherwise. */
export const POINTS = 100;

/** What a case of this scene has to work with. */
export interface PointsContext {
  readonly world: PointsWorld;
  readonly terminal: Terminal;
  /** How the numbers of this run begin. */
  readonly run: string;
  /** Every user that a case has made or meant to make: who it was, and in which way. */
  readonly made: { readonly userId: string; readonly way: string; readonly isBroken: boolean }[];
}

/** As anybody can with curl. */
export function register({ world }: PointsContext, txNo: string, name: string): Promise<Answer> {
  const headers = { 'idempotency-key': txNo };
  return postJson(`${world.user.url}/register`, JSON.stringify({ name }), headers, CALL_DEADLINE_MS);
}

export async function userExists({ world }: PointsContext, userId: string): Promise<boolean> {
  return isFound(await call(`${world.user.url}/users/${userId}`, {}, CALL_DEADLINE_MS), 'USER_NOT_FOUND');
}

/** Undefined while the user has no account there. */
export async function pointsOf({ world }: PointsContext, userId: string): Promise<number | undefined> {
  const answer = await call(`${world.points.url}/accounts/${userId}`, {}, CALL_DEADLINE_MS);
  return isFound(answer, 'ACCOUNT_NOT_FOUND') ? Number(answer.body?.points) : undefined;
}

/** Waits until the user has an account at points. @returns when, and with how many points */
export async function untilPoints(
  context: PointsContext,
  userId: string,
): Promise<{ readonly atMs: number; readonly points: number }> {
  const wait = { deadlineMs: POINTS_DEADLINE_MS, intervalMs: 20, hint: logHint(context) };
  let points: number | undefined;
  await waitUntil('The points of the user', wait, async () => {
    points = await pointsOf(context, userId);
    return points !== undefined;
  });
  return { atMs: Date.now(), points: points ?? 0 };
}

export function logHint({ world }: PointsContext): string {
  return `The logs: ${world.logFile('user')}, ${world.logFile('points')}`;
}

function isFound({ status, body, text }: Answer, notFound: string): boolean {
  if (status === 200) return true;
  if (status === 404 && body?.code === notFound) return false;
  throw new StackError(`An answer should have been 200 or ${notFound}, and was ${status} ${text}.`);
}
