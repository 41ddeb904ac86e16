import { describe, expect, it } from '@jest/globals';
import {
  BrokerNotReadyError,
  CommitOutcomeUnknownError,
  DatabaseUnavailableError,
  PoisonMessageError,
  TransactionDeadlineError,
  TransactionDoomedError,
  TxNoConflictError,
} from '../errors/index.js';
import { classifyFailure, retryDelayMs } from './retry-policy.js';

const mysqlError = (errno: number, code = ''): Error =>
  Object.assign(new Error('from mysql'), { errno, code });

describe('classifyFailure', () => {
  it.each([
    ['a deadlock', mysqlError(1213)],
    ['a lock timeout inside a doomed transaction', new TransactionDoomedError({ cause: mysqlError(1205) })],
    ['a lost connection', mysqlError(0, 'PROTOCOL_CONNECTION_LOST')],
    ['a full disk', mysqlError(1021)],
    ['a read-only server', mysqlError(1290)],
    ['an unreachable database', new DatabaseUnavailableError('away')],
    ['an unconfirmed COMMIT', new CommitOutcomeUnknownError()],
    ['a deadline that passed in the database', new TransactionDeadlineError(1, true)],
    ['a broker that is away', new BrokerNotReadyError('send', 't')],
  ])('takes %s for infrastructure, which never becomes a dead letter', (_label, error) => {
    expect(classifyFailure(error)).toBe('INFRASTRUCTURE');
  });

  it.each([
    ['an exception', new TypeError('x is undefined')],
    ['a wrong statement', mysqlError(1054)],
    ['a check constraint', mysqlError(3819)],
    ['a slow handler', new TransactionDeadlineError(1, false)],
    ['something that is no Error', 'text'],
  ])('takes %s for the handler', (_label, error) => {
    expect(classifyFailure(error)).toBe('HANDLER');
  });

  it('knows what can never succeed', () => {
    expect(classifyFailure(new PoisonMessageError('x'))).toBe('POISON');
    expect(classifyFailure(new TxNoConflictError('t', 's'))).toBe('TX_NO_CONFLICT');
  });
});

describe('retryDelayMs', () => {
  it('grows, and stays within its bound however many attempts there were', () => {
    expect(retryDelayMs('HANDLER', 3)).toBeGreaterThan(retryDelayMs('HANDLER', 1));
    expect(retryDelayMs('HANDLER', 1_000_000)).toBeLessThanOrEqual(66_000);
    expect(retryDelayMs('INFRASTRUCTURE', 1_000_000)).toBeLessThanOrEqual(5500);
  });
});
