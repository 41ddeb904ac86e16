import { ProblemCode } from '@txmsg/contracts';
import { ProblemException } from '@txmsg/service';

export function userNotFound(userId: string): ProblemException {
  return new ProblemException(ProblemCode.USER_NOT_FOUND, `There is no user "${userId}" here.`);
}
