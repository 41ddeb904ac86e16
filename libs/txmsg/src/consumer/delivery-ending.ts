import type { ConsumptionResult } from './consumption.js';
import { OnDeadLetterFailedError, withOnDeadLetterFailure } from './dead-letter.port.js';
import {
  classifyFailure,
  retryDelayMs,
  type DeadLetterReason,
  type RetriedFailureKind,
} from './retry-policy.js';

/** The three ways in which a delivery is concluded. */
export type DeliveryEnding = Acknowledge | RetryLater | DeadLetterIt;

export interface Acknowledge {
  readonly action: 'ACKNOWLEDGE';
}

export interface RetryLater {
  readonly action: 'RETRY_LATER';
  readonly kind: RetriedFailureKind;
  /** How many failures of this kind there were, this one included. */
  readonly failures: number;
  readonly delayMs: number;
  readonly error: unknown;
}

/** Store it as a dead letter; what that came to decides how the delivery ends. */
export interface DeadLetterIt {
  readonly action: 'DEAD_LETTER';
  readonly reason: DeadLetterReason;
  readonly error: Error;
  readonly callsOnDeadLetter: boolean;
}

/** What has just happened to a delivered message. */
export type DeliveryStep =
  | { readonly step: 'CONSUMED'; readonly result: ConsumptionResult }
  | { readonly step: 'DEAD_LETTER_STORED' }
  | { readonly step: 'STORING_FAILED'; readonly ending: DeadLetterIt; readonly error: unknown };

/** What the decision depends on besides the step itself. */
export interface DeliveryFacts {
  /** The broker's count of deliveries. */
  readonly deliveryAttempt: number;
  /** The listener's limit of failures. */
  readonly attemptsMax: number;
  /** Counts one more failure of this message, and answers how many there were. */
  countFailure(of: 'HANDLER' | 'ON_DEAD_LETTER'): number;
}

/** Decides every ending of a delivery; `DeliveryConcluder` carries it out. */
export function decideEnding(step: DeliveryStep, facts: DeliveryFacts): DeliveryEnding {
  switch (step.step) {
    case 'CONSUMED':
      return step.result instanceof Error ? afterFailure(step.result, facts) : { action: 'ACKNOWLEDGE' };
    case 'DEAD_LETTER_STORED':
      return { action: 'ACKNOWLEDGE' };
    case 'STORING_FAILED':
      return afterStoringFailed(step.ending, step.error, facts);
  }
}

function afterFailure(error: Error, facts: DeliveryFacts): DeliveryEnding {
  const kind = classifyFailure(error);
  switch (kind) {
    case 'POISON':
    case 'TX_NO_CONFLICT':
    case 'EXPIRED':
      return deadLetter(kind, error);
    case 'INFRASTRUCTURE':
    case 'SCHEMA':
      return retryLater(kind, facts.deliveryAttempt, error);
    case 'HANDLER': {
      const failures = facts.countFailure('HANDLER');
      return failures < facts.attemptsMax
        ? retryLater(kind, failures, error)
        : deadLetter('HANDLER_FAILED', error);
    }
  }
}

/** A message must not be lost, so storing is retried until it succeeds, without `onDeadLetter` if that is the cause. */
function afterStoringFailed(ending: DeadLetterIt, error: unknown, facts: DeliveryFacts): DeliveryEnding {
  if (error instanceof OnDeadLetterFailedError) {
    const failures = facts.countFailure('ON_DEAD_LETTER');
    if (failures < facts.attemptsMax) return retryLater('HANDLER', failures, error.cause);
    return {
      ...ending,
      error: withOnDeadLetterFailure(ending.error, error.cause),
      callsOnDeadLetter: false,
    };
  }
  const kind = classifyFailure(error) === 'SCHEMA' ? 'SCHEMA' : 'INFRASTRUCTURE';
  return retryLater(kind, facts.deliveryAttempt, error);
}

function deadLetter(reason: DeadLetterReason, error: Error): DeadLetterIt {
  return { action: 'DEAD_LETTER', reason, error, callsOnDeadLetter: true };
}

function retryLater(kind: RetriedFailureKind, failures: number, error: unknown): RetryLater {
  return { action: 'RETRY_LATER', kind, failures, delayMs: retryDelayMs(kind, failures), error };
}
