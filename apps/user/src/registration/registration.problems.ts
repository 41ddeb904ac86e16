import { ProblemCode } from '@txmsg/contracts';
import { ProblemException } from '@txmsg/service';

/** Only for calls that stored nothing and will store nothing. */
export function nothingDone(txNo: string, cause?: unknown): ProblemException {
  return new ProblemException(
    ProblemCode.SERVICE_UNAVAILABLE,
    'This call registered nobody and will register nobody. Repeat it later with the same Idempotency-Key, above all when ' +
      'an earlier call with it is still unknown.',
    { txNo, cause, headers: { 'retry-after': '1' } },
  );
}
