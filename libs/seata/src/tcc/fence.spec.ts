import { describe, expect, it } from '@jest/globals';
import { commitStep, FENCE_STATUS, fenceOutcome, rollbackStep, type FenceStatus } from './fence.js';

const { TRIED, COMMITTED, ROLLED_BACK, SUSPENDED } = FENCE_STATUS;

describe('the fence', () => {
  it.each<[string, FenceStatus | undefined, object, object]>([
    ['no row', undefined, { step: 'RETRY' }, { step: 'INSERT', status: SUSPENDED }],
    ['tried', TRIED, { step: 'CALL', status: COMMITTED }, { step: 'CALL', status: ROLLED_BACK }],
    ['committed', COMMITTED, { step: 'NOTHING' }, { step: 'NEVER' }],
    ['rolled back', ROLLED_BACK, { step: 'NEVER' }, { step: 'NOTHING' }],
    ['suspended', SUSPENDED, { step: 'NEVER' }, { step: 'NOTHING' }],
  ])('with %s says what commit and rollback do', (_, status, onCommit, onRollback) => {
    expect(commitStep(status)).toMatchObject(onCommit);
    expect(rollbackStep(status)).toMatchObject(onRollback);
  });

  it('says how the global transaction ended only where it has ended here', () => {
    expect([COMMITTED, ROLLED_BACK, SUSPENDED, TRIED, undefined].map(fenceOutcome)).toEqual([
      'COMMITTED',
      'ROLLED_BACK',
      'ROLLED_BACK',
      'UNKNOWN',
      'UNKNOWN',
    ]);
  });
});
