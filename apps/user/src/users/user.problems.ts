import { ProblemCode } from '@txmsg/contracts';
import { ProblemException } from '@txmsg/service';

export function userPending(userId: string): ProblemException {
  return new ProblemException(
    ProblemCode.USER_PENDING,
    `The registration of user "${userId}" is not ended yet. Nothing was done; repeat the call later.`,
    { headers: { 'retry-after': '1' } },
  );
}

export function userNotFound(userId: string): ProblemException {
  return new ProblemException(ProblemCode.USER_NOT_FOUND, `There is no user "${userId}" here.`);
}
