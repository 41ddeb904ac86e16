import { ProblemCode, TWO_PHASE_PATTERNS, type TwoPhasePattern } from '@txmsg/contracts';
import { postJson, type Answer } from '../../../e2e/kit/http.js';
import type { Sent } from '../calls.js';
import type { Random } from '../random.js';
import type { Figure } from '../workload.js';

/** Something that is to be made at two services or at neither. */
export interface SentTwoPhase extends Sent {
  readonly pattern: TwoPhasePattern;
}

const CALL_DEADLINE_MS = 15_000;

export function newTwoPhase(sent: Sent, random: Random): SentTwoPhase {
  return { ...sent, pattern: random.oneOf(TWO_PHASE_PATTERNS) };
}

/** One call with the txNo as its key. @throws when no answer comes */
export async function askFor(
  url: string,
  request: Readonly<Record<string, string>>,
  one: SentTwoPhase,
): Promise<Answer> {
  const headers = { 'idempotency-key': one.txNo };
  const answer = await postJson(url, JSON.stringify(request), headers, CALL_DEADLINE_MS);
  // Nothing is left of it, and it may be asked for again with the same txNo.
  one.mayChange = answer.body?.code === ProblemCode.ROLLED_BACK;
  return answer;
}

/** How many came to which end, as lines of the report. */
export function outcomesOf(
  what: string,
  rows: readonly { readonly pattern: TwoPhasePattern; readonly state: string }[],
): Figure[] {
  return TWO_PHASE_PATTERNS.map((pattern): Figure => {
    const inState = (wanted: string): number =>
      rows.filter((row) => row.pattern === pattern && row.state === wanted).length;
    const counts = `${inState('COMMITTED')}, ${inState('ROLLED_BACK')}`;
    return [`  ${what} under ${pattern}: committed, rolled back`, counts];
  });
}
