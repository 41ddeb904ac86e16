import { ProblemCode } from '@txmsg/contracts';
import type { DeadLetterResult } from 'txmsg';
import { ProblemException } from '../http/problem.exception.js';
import type { DeadLetterOutcomeDocument } from './dead-letter.document.js';

const EXPIRED_ADVICE =
  ' It was not handled. Look into the records of the service whether it ever was; if not, re-drive it with "evenIfExpired": true (the command: --even-if-expired).';

/**
 * The answer to a re-drive or a dismissal.
 * @param kind - what the service calls itself
 * @throws ProblemException when the dead letter is not closed by it
 */
export function outcomeOf(id: string, result: DeadLetterResult, kind: string): DeadLetterOutcomeDocument {
  switch (result.outcome) {
    case 'DONE':
    case 'DUPLICATE':
    case 'IGNORED':
    case 'DROPPED':
    case 'UNKNOWN':
      return { id, outcome: result.outcome };
    case 'NOT_FOUND':
      throw noSuchDeadLetter(id, kind);
    case 'CLOSED':
      throw new ProblemException(
        ProblemCode.DEAD_LETTER_CLOSED,
        `Dead letter ${id} is ${result.state}; its history tells by whom.`,
      );
    case 'BUSY':
      throw new ProblemException(
        ProblemCode.DEAD_LETTER_BUSY,
        `Another operation on dead letter ${id} is in progress, or its message is being consumed; nothing was done.`,
        { headers: { 'retry-after': '2' } },
      );
    case 'NO_LISTENER':
      throw new ProblemException(
        ProblemCode.DEAD_LETTER_WITHOUT_LISTENER,
        `This ${kind} has no listener for the consumer group of dead letter ${id}; nothing was done.`,
      );
    case 'BODY_CUT':
      throw new ProblemException(
        ProblemCode.DEAD_LETTER_BODY_CUT,
        `The message of dead letter ${id} was too large, and only its beginning was kept: it cannot be handled again. ` +
          'Raise MESSAGE_BYTES_MAX and let its sender send it again, then dismiss this one.',
      );
    case 'FAILED':
      throw new ProblemException(
        ProblemCode.DEAD_LETTER_FAILED_AGAIN,
        `Dead letter ${id} stays open: ${result.reason}, ${result.detail}${result.reason === 'EXPIRED' ? EXPIRED_ADVICE : ''}`,
      );
  }
}

export function noSuchDeadLetter(id: string, kind: string): ProblemException {
  return new ProblemException(
    ProblemCode.DEAD_LETTER_NOT_FOUND,
    `There is no dead letter ${id} at this ${kind}.`,
  );
}
