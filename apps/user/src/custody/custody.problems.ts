import { ProblemCode } from '@txmsg/contracts';
import { ProblemException } from '@txmsg/service';

/** A service without the custody bank works as ever, and says so to whoever asks for it. */
export function custodyNotConfigured(setting: string): ProblemException {
  return new ProblemException(
    ProblemCode.CUSTODY_NOT_CONFIGURED,
    `This service works without the custody bank: it was started without ${setting}. Nothing was done.`,
  );
}

export function custodyRequestNotFound(what: string): ProblemException {
  return new ProblemException(ProblemCode.CUSTODY_REQUEST_NOT_FOUND, what);
}
