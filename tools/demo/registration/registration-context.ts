import type { TwoPhasePattern } from '@txmsg/contracts';
import { call, postJson, type Answer } from '../../../e2e/kit/http.js';
import { waitUntil } from '../../stack/wait-until.js';
import { assertHolds } from '../demo-case.js';
import type { Terminal } from '../terminal.js';
import type { RegistrationWorld } from './registration-world.js';

/** Above every deadline of the services themselves. */
const CALL_DEADLINE_MS = 60_000;
/** The coordinator asks a branch again about every second, and a silent one every 15 s. */
const ENDED_DEADLINE_MS = 90_000;
const PASSWORD = 'correct horse';

/** What a case of this scene has to work with. */
export interface RegistrationContext {
  readonly world: RegistrationWorld;
  readonly terminal: Terminal;
  /** How the numbers and the names of this run begin. */
  readonly run: string;
}

/** One registration, as its caller knows it. */
export interface Registering {
  readonly mode: TwoPhasePattern;
  readonly txNo: string;
  readonly name: string;
}

/** What anybody can read of a registration at both services, read in this order. */
export interface Look {
  readonly registration: string;
  readonly user: string;
  readonly account: string;
  readonly login: number;
}

/** Neither a user nor an account. */
export const NOTHING = { user: 'none', account: 'none', login: 401 } as const;
/** Both, and usable. */
export const BOTH = { registration: 'COMMITTED', user: 'ACTIVE', account: 'ACTIVE', login: 200 } as const;

/** The registration of this letter under the mode, with a name of its own. */
export function registering(
  { run }: RegistrationContext,
  mode: TwoPhasePattern,
  letter: string,
): Registering {
  const txNo = `${run}-${mode.toLowerCase()}-${letter}`;
  return { mode, txNo, name: `Alice ${txNo}` };
}

/** As anybody can with curl. */
export function register({ world }: RegistrationContext, { mode, txNo, name }: Registering): Promise<Answer> {
  const body = JSON.stringify({ pattern: mode.toLowerCase(), name, password: PASSWORD });
  const headers = { 'idempotency-key': txNo };
  return postJson(`${world.user.url}/registrations`, body, headers, CALL_DEADLINE_MS);
}

export async function look({ world }: RegistrationContext, { txNo, name }: Registering): Promise<Look> {
  const registration = await read(`${world.user.url}/registrations/${txNo}`);
  const userId = String(registration.body?.userId);
  const user = await read(`${world.user.url}/users/${userId}`);
  const account = await read(`${world.identity.url}/accounts/${encodeURIComponent(name)}`);
  const order = JSON.stringify({ name, password: PASSWORD });
  const login = await postJson(`${world.identity.url}/logins`, order, {}, CALL_DEADLINE_MS);
  const isTheirs = account.body?.userId === userId;
  return {
    registration: stateOf(registration),
    user: stateOf(user),
    account: isTheirs ? stateOf(account) : 'none',
    login: login.body?.userId === userId ? login.status : 401,
  };
}

export function described({ user, account, login }: Look): string {
  return `user ${user}, account ${account}, login ${login}`;
}

/** Waits until the registration is decided and nothing of it is pending. @returns what is to be seen then, and when */
export async function untilEnded(
  context: RegistrationContext,
  order: Registering,
): Promise<Look & { readonly atMs: number }> {
  context.terminal.progress('Waiting until both services have ended it …');
  const wait = { deadlineMs: ENDED_DEADLINE_MS, intervalMs: 50, hint: logHint(context) };
  let seen: Look | undefined;
  await waitUntil(`The end of ${order.txNo} at both services`, wait, async () => {
    seen = await look(context, order);
    return !['OPEN', 'none'].includes(seen.registration) && ![seen.user, seen.account].includes('PENDING');
  });
  return { ...(seen ?? (await look(context, order))), atMs: Date.now() };
}

export function assertLook(seen: Look, expected: Partial<Look>): void {
  for (const [what, value] of Object.entries(expected)) {
    const found = seen[what as keyof Look];
    assertHolds(found === value, `The ${what} should read as ${value}, and reads as ${found}.`);
  }
}

export function logHint({ world }: RegistrationContext): string {
  return `The logs: ${world.logFile('user')}, ${world.logFile('identity')}`;
}

function read(url: string): Promise<Answer> {
  return call(url, {}, CALL_DEADLINE_MS);
}

function stateOf({ status, body }: Answer): string {
  return status === 404 ? 'none' : String(body?.state);
}
