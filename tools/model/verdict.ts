import { UNREACHABLE, type Check } from './check.js';
import type { Search, Trail } from './spin-output.js';

/** A search that came to its end or did not; the trail belongs to its first error. */
export interface Finding {
  readonly search: Search;
  readonly trail?: Trail;
  readonly seconds: number;
}

export interface Verdict {
  readonly asExpected: boolean;
  /** In a few words, for the table. */
  readonly text: string;
}

/** As expected is only: all states explored without error, or the very promise broken that must break. */
export function judge({ breaks }: Check, { search, trail }: Finding): Verdict {
  if (search.incomplete !== undefined) {
    return { asExpected: false, text: `NOT EXPLORED: ${search.incomplete}` };
  }
  if (search.errors === 0) {
    return breaks === undefined
      ? { asExpected: true, text: 'explored, no error' }
      : { asExpected: false, text: `NOT FOUND: ${breaks} holds` };
  }
  return judgeError(breaks, trail);
}

function judgeError(breaks: string | undefined, trail: Trail | undefined): Verdict {
  const promise = trail?.promise ?? 'an error that is no promise';
  const steps = `${trail?.steps.length ?? 0} steps`;
  const found = promise === UNREACHABLE ? `reached, ${steps}` : `${promise}, ${steps}`;
  if (breaks === undefined) return { asExpected: false, text: `BROKEN: ${found}` };
  if (promise !== breaks) return { asExpected: false, text: `NOT ${breaks} BUT ${found}` };
  return { asExpected: true, text: found };
}
