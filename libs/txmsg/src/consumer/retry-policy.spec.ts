import { describe, expect, it } from '@jest/globals';
import {
  BrokerError,
  BrokerNotReadyError,
  BrokerTimeoutError,
  BrokerUnavailableError,
  CommitOutcomeUnknownError,
  DatabaseUnavailableError,
  HalfMessageNotSentError,
  InvalidArgumentError,
  JobKeyConflictError,
  LocalTransactionFailedError,
  PoisonMessageError,
  TransactionDeadlineError,
  TransactionDoomedError,
  TxNoConflictError,
} from '../errors/index.js';
import { MessageExpiredError } from '../errors/message.errors.js';
import { classifyFailure, needsAnOperator, retryDelayMs } from './retry-policy.js';

const mysqlError = (errno: number, code = ''): Error =>
  Object.assign(new Error('from mysql'), { errno, code });

describe('classifyFailure', () => {
  it.each([
    ['a deadlock', mysqlError(1213)],
    ['a lock timeout inside a doomed transaction', new TransactionDoomedError({ cause: mysqlError(1205) })],
    ['a lost connection', mysqlError(0, 'PROTOCOL_CONNECTION_LOST')],
    ['a full disk', mysqlError(1021)],
    ['a storage engine that fails', mysqlError(1030)],
    ['a server without memory', mysqlError(1037)],
    ['a read-only server', mysqlError(1290)],
    ['an unreachable database', new DatabaseUnavailableError('away')],
    ['an unconfirmed COMMIT', new CommitOutcomeUnknownError()],
    ['a deadline that passed in the database', new TransactionDeadlineError(1, true)],
    ['a broker that is away', new BrokerNotReadyError('send', 't')],
    [
      'a broker that is away when the handler sends',
      new HalfMessageNotSentError('t', 'n', { cause: new BrokerTimeoutError('send', 't', 1) }),
    ],
    [
      'a broker that goes away under what the handler sends',
      new HalfMessageNotSentError('t', 'n', { cause: new BrokerUnavailableError('send', 't', 'lost') }),
    ],
    [
      'a database that is away when the handler sends',
      new LocalTransactionFailedError('t', 'n', { cause: new DatabaseUnavailableError('away') }),
    ],
    [
      'a deadline that passed in the database when the handler sent',
      new LocalTransactionFailedError('t', 'n', { cause: new TransactionDeadlineError(1, true) }),
    ],
    [
      'an error of the handler about the broker',
      new Error('x', { cause: new BrokerNotReadyError('send', 't') }),
    ],
  ])('takes %s for infrastructure, which is not counted', (_label, error) => {
    expect(classifyFailure(error)).toBe('INFRASTRUCTURE');
  });

  it.each([
    ['an exception', new TypeError('x is undefined')],
    [
      'another service that the handler calls and does not reach',
      new TypeError('fetch failed', {
        cause: Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED', syscall: 'connect' }),
      }),
    ],
    [
      'a broker that refuses what the handler sends',
      new HalfMessageNotSentError('t', 'n', {
        cause: new BrokerError('send', 't', 'not of type TRANSACTION'),
      }),
    ],
    [
      'a message that cannot be sent',
      new HalfMessageNotSentError('t', 'n', { cause: new InvalidArgumentError('body', undefined, 'x') }),
    ],
    ['a wrong statement', mysqlError(1064)],
    ['a text that is too long', mysqlError(1406)],
    ['a check constraint', mysqlError(3819)],
    ['a slow handler', new TransactionDeadlineError(1, false)],
    [
      'a slow listener of what the handler sent',
      new LocalTransactionFailedError('t', 'n', { cause: new TransactionDeadlineError(1, false) }),
    ],
    ['something that is no Error', 'text'],
  ])('takes %s for the handler', (_label, error) => {
    expect(classifyFailure(error)).toBe('HANDLER');
  });

  it.each([
    ['a table', 1146],
    ['a column', 1054],
    ['a right on a table', 1142],
    ['an index', 1176],
    ['a default value', 1364],
  ])('takes %s that is away for a migration under way, which never makes a dead letter', (_label, errno) => {
    expect(classifyFailure(mysqlError(errno))).toBe('SCHEMA');
    expect(classifyFailure(new TransactionDoomedError({ cause: mysqlError(errno) }))).toBe('SCHEMA');
  });

  it('knows what can never succeed', () => {
    expect(classifyFailure(new PoisonMessageError('x'))).toBe('POISON');
    expect(classifyFailure(new TxNoConflictError('t', 's'))).toBe('TX_NO_CONFLICT');
    expect(classifyFailure(new JobKeyConflictError('kind', 'key'))).toBe('TX_NO_CONFLICT');
    expect(classifyFailure(new MessageExpiredError(0))).toBe('EXPIRED');
  });
});

describe('retryDelayMs', () => {
  it('grows, and stays within its bound however many attempts there were', () => {
    expect(retryDelayMs('HANDLER', 3)).toBeGreaterThan(retryDelayMs('HANDLER', 1));
    expect(retryDelayMs('HANDLER', 1_000_000)).toBeLessThanOrEqual(66_000);
    expect(retryDelayMs('INFRASTRUCTURE', 1_000_000)).toBeLessThanOrEqual(5500);
    expect(retryDelayMs('SCHEMA', 1_000_000)).toBeLessThanOrEqual(33_000);
  });
});

describe('needsAnOperator', () => {
  it('says so of a statement that has not fitted the tables for minutes, and of nothing else', () => {
    expect(needsAnOperator('SCHEMA', 3)).toBe(false);
    expect(needsAnOperator('SCHEMA', 12)).toBe(true);
    expect(needsAnOperator('INFRASTRUCTURE', 1000)).toBe(false);
    expect(needsAnOperator('HANDLER', 1000)).toBe(false);
  });
});
