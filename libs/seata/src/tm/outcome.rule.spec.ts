import { describe, expect, it } from '@jest/globals';
import { GLOBAL_STATUSES, type GlobalStatus } from '../wire/index.js';
import type { OwnBranchOutcome } from './global-transaction.context.js';
import { outcomeOf, type GlobalTransactionOutcome } from './outcome.rule.js';

/** By the coordinator's answer: to a commit, and to a rollback. */
const ANSWERS: Record<GlobalStatus, readonly [GlobalTransactionOutcome, GlobalTransactionOutcome]> = {
  UnKnown: ['UNKNOWN', 'UNKNOWN'],
  Begin: ['UNKNOWN', 'UNKNOWN'],
  Committing: ['COMMITTED', 'COMMITTED'],
  CommitRetrying: ['COMMITTED', 'COMMITTED'],
  AsyncCommitting: ['COMMITTED', 'COMMITTED'],
  Committed: ['COMMITTED', 'COMMITTED'],
  CommitFailed: ['UNKNOWN', 'UNKNOWN'],
  Rollbacking: ['UNKNOWN', 'ROLLED_BACK'],
  RollbackRetrying: ['UNKNOWN', 'ROLLED_BACK'],
  TimeoutRollbacking: ['UNKNOWN', 'ROLLED_BACK'],
  TimeoutRollbackRetrying: ['UNKNOWN', 'ROLLED_BACK'],
  Rollbacked: ['UNKNOWN', 'ROLLED_BACK'],
  TimeoutRollbacked: ['UNKNOWN', 'ROLLED_BACK'],
  RollbackFailed: ['UNKNOWN', 'UNKNOWN'],
  TimeoutRollbackFailed: ['UNKNOWN', 'UNKNOWN'],
  Finished: ['UNKNOWN', 'UNKNOWN'],
  CommitRetryTimeout: ['UNKNOWN', 'UNKNOWN'],
  RollbackRetryTimeout: ['UNKNOWN', 'UNKNOWN'],
};

describe('the outcome of a global transaction', () => {
  it.each(GLOBAL_STATUSES)('by the answer %s alone', (status) => {
    expect([outcomeOf('Commit', status, []), outcomeOf('Rollback', status, [])]).toEqual(ANSWERS[status]);
  });

  it('is unknown without an answer', () => {
    expect([outcomeOf('Commit', undefined, []), outcomeOf('Rollback', undefined, [])]).toEqual([
      'UNKNOWN',
      'UNKNOWN',
    ]);
  });

  it.each<[OwnBranchOutcome[], GlobalTransactionOutcome]>([
    [[], 'UNKNOWN'],
    [['UNKNOWN'], 'UNKNOWN'],
    [['COMMITTED'], 'COMMITTED'],
    [['UNKNOWN', 'COMMITTED'], 'COMMITTED'],
    [['ROLLED_BACK'], 'ROLLED_BACK'],
    [['ROLLED_BACK', 'UNKNOWN'], 'ROLLED_BACK'],
    [['ROLLED_BACK', 'COMMITTED'], 'UNKNOWN'],
  ])('is what own branches %j say when the coordinator does not', (own, outcome) => {
    for (const status of [undefined, 'Finished', 'UnKnown'] as const) {
      expect(outcomeOf('Commit', status, own)).toBe(outcome);
      expect(outcomeOf('Rollback', status, own)).toBe(outcome);
    }
  });

  it.each([
    'CommitFailed',
    'CommitRetryTimeout',
    'RollbackFailed',
    'RollbackRetryTimeout',
    'TimeoutRollbackFailed',
  ] as const)('is unknown after %s, whatever own branches say: others were given up', (status) => {
    for (const own of ['COMMITTED', 'ROLLED_BACK'] as const) {
      expect([outcomeOf('Commit', status, [own]), outcomeOf('Rollback', status, [own])]).toEqual([
        'UNKNOWN',
        'UNKNOWN',
      ]);
    }
  });
});
