import { toAmount, toCents } from '@txmsg/contracts';
import { call, type Answer } from '../../../e2e/kit/http.js';
import { StackError } from '../../stack/stack-error.js';
import { postAsAdmin } from '../admin-call.js';
import type { Terminal } from '../terminal.js';
import type { ReviewWorld } from './review-world.js';

/** Above every deadline of the services themselves. */
const CALL_DEADLINE_MS = 15_000;

/** The project of the scene. A step makes the instalments of one investor, as there are so many months. */
export const INVESTORS = 5;
export const MONTHS = 240;
export const INSTALMENTS = INVESTORS * MONTHS;
const ANNUAL_RATE = '5.35';
/** In cents: neither the months nor the rate divide any of the bids. */
const FIRST_BID = 1_000_001n;
const NEXT_BID = 3_707n;

/** What a case of this scene has to work with. */
export interface ReviewContext {
  readonly world: ReviewWorld;
  readonly terminal: Terminal;
  readonly projectId: string;
}

export interface PlanNow {
  readonly state: string;
  readonly instalmentsMade: number;
}

/** A project whose bids are full. */
export async function makeProject({ world, projectId }: ReviewContext): Promise<void> {
  const bids = Array.from({ length: INVESTORS }, (_unused, index) => ({
    investorNo: `investor-${index + 1}`,
    amount: toAmount(FIRST_BID + NEXT_BID * BigInt(index)),
  }));
  const amount = toAmount(bids.reduce((cents, bid) => cents + toCents(bid.amount), 0n));
  const project = { projectId, amount, terms: MONTHS, annualRate: ANNUAL_RATE };
  await postAsAdmin(world, world.trading, 'projects', project);
  await postAsAdmin(world, world.trading, `projects/${projectId}/bids`, { bids });
}

export function approve({ world, projectId }: ReviewContext): Promise<Answer> {
  return postAsAdmin(world, world.trading, `projects/${projectId}/approve`);
}

/** As anybody can with curl. @throws StackError when the plan has FAILED, or there is none */
export async function planNow({ world, projectId }: ReviewContext): Promise<PlanNow> {
  const answer = await call(`${world.repayment.url}/plans/${projectId}`, {}, CALL_DEADLINE_MS);
  const { state, instalmentsMade } = answer.body ?? {};
  if (answer.status !== 200 || state === 'FAILED') {
    throw new StackError(`The plan should be made, and it is ${answer.status} ${answer.text}.`);
  }
  return { state: String(state), instalmentsMade: Number(instalmentsMade) };
}

export function logHint({ world }: ReviewContext): string {
  return `The logs: ${world.logFile('trading')}, ${world.logFile('repayment')}`;
}
