import { v7 as timeOrderedUuid } from 'uuid';
import { fieldProblem, invalidInput } from './validation-pipe.js';
import { IDENTIFIER_RULE, isIdentifier } from '@txmsg/contracts';

const HEADER = 'Idempotency-Key';

/**
 * The txNo of a call: the caller's own, from the body or from the header `Idempotency-Key`. Without one a new txNo is
 * made; such a call cannot be repeated safely, because a second call gets another one. New ones are UUIDs of version 7
 * (RFC 9562): they rise with time, so that new rows stand together in the trees whose key is the txNo, and few pages
 * are read and written.
 * @throws ProblemException when the header breaks the rule for identifiers, or the two differ
 */
export function chooseTxNo(txNo: string | undefined, idempotencyKey: string | undefined): string {
  if (idempotencyKey === undefined) return txNo ?? timeOrderedUuid();
  // The header's draft standard makes it a string in quotes; most clients send it without.
  const key = /^"(.*)"$/.exec(idempotencyKey)?.[1] ?? idempotencyKey;
  if (!isIdentifier(key)) throw invalidInput([fieldProblem(HEADER, idempotencyKey, IDENTIFIER_RULE)]);
  if (txNo !== undefined && txNo !== key) {
    throw invalidInput([fieldProblem(HEADER, idempotencyKey, 'must equal txNo when both are given')]);
  }
  return key;
}
