import { describe, expect, it } from '@jest/globals';
import { DatabaseUnavailableError, PoisonMessageError, TxNoConflictError } from '../errors/index.js';
import { MessageExpiredError } from '../errors/message.errors.js';
import { OnDeadLetterFailedError } from './dead-letter.port.js';
import { decideEnding, type DeadLetterIt, type DeliveryFacts } from './delivery-ending.js';

const schemaError = Object.assign(new Error('no such table'), { errno: 1146 });

/** The handler, or `onDeadLetter`, has failed `failures` times with this one. */
const facts = (failures: number): DeliveryFacts => ({
  deliveryAttempt: 7,
  attemptsMax: 3,
  countFailure: () => failures,
});

describe('decideEnding', () => {
  it.each([
    ['was consumed', 'DONE'],
    ['is a duplicate', 'DUPLICATE'],
    ['was ignored', { ignored: 'not ours' }],
  ] as const)('acknowledges a message that %s', (_what, result) => {
    expect(decideEnding({ step: 'CONSUMED', result }, facts(0))).toEqual({ action: 'ACKNOWLEDGE' });
  });

  it.each([
    ['POISON', new PoisonMessageError('x')],
    ['TX_NO_CONFLICT', new TxNoConflictError('t', 's')],
    ['EXPIRED', new MessageExpiredError(0)],
  ])('dead-letters %s at the first delivery', (reason, result) => {
    expect(decideEnding({ step: 'CONSUMED', result }, facts(0))).toMatchObject({
      action: 'DEAD_LETTER',
      reason,
    });
  });

  it('retries a failed handler until its failures are used up, and then dead-letters the message', () => {
    const result = new Error('the handler failed');
    expect(decideEnding({ step: 'CONSUMED', result }, facts(2))).toMatchObject({
      action: 'RETRY_LATER',
      kind: 'HANDLER',
      failures: 2,
    });
    expect(decideEnding({ step: 'CONSUMED', result }, facts(3))).toMatchObject({
      action: 'DEAD_LETTER',
      reason: 'HANDLER_FAILED',
    });
  });

  it.each([
    ['INFRASTRUCTURE', new DatabaseUnavailableError('away')],
    ['SCHEMA', schemaError],
  ])('retries %s failures however many there were', (kind, result) => {
    expect(decideEnding({ step: 'CONSUMED', result }, facts(1000))).toMatchObject({
      action: 'RETRY_LATER',
      kind,
      failures: 7,
    });
  });

  describe('when the dead letter', () => {
    const ending: DeadLetterIt = {
      action: 'DEAD_LETTER',
      reason: 'POISON',
      error: new PoisonMessageError('x'),
      callsOnDeadLetter: true,
    };
    const storingFailed = (error: unknown) => ({ step: 'STORING_FAILED', ending, error }) as const;
    const onDeadLetterFailed = new OnDeadLetterFailedError({ cause: new Error('nobody to tell') });

    it('is stored, acknowledges the message', () => {
      expect(decideEnding({ step: 'DEAD_LETTER_STORED' }, facts(0))).toEqual({ action: 'ACKNOWLEDGE' });
    });

    it.each([
      ['SCHEMA', schemaError],
      ['INFRASTRUCTURE', new Error('anything else')],
    ])('cannot be stored, retries later (%s)', (kind, error) => {
      expect(decideEnding(storingFailed(error), facts(1000))).toMatchObject({ action: 'RETRY_LATER', kind });
    });

    it('meets a failing onDeadLetter, retries, and in the end stores it without', () => {
      expect(decideEnding(storingFailed(onDeadLetterFailed), facts(2))).toMatchObject({
        action: 'RETRY_LATER',
        kind: 'HANDLER',
      });
      const last = decideEnding(storingFailed(onDeadLetterFailed), facts(3));
      expect(last).toMatchObject({ action: 'DEAD_LETTER', reason: 'POISON', callsOnDeadLetter: false });
      expect((last as DeadLetterIt).error.message).toMatch(/onDeadLetter failed.*nobody to tell/);
    });
  });
});
