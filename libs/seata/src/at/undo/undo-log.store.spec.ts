import { describe, expect, it } from '@jest/globals';
import type { EntityManager } from 'typeorm';
import { undoLogStore } from './undo-log.store.js';

const BRANCHES = ['9007199254740993', '9007199254740995', '9007199254740994'];

const order = async (ids: readonly (string | undefined)[]): Promise<string[]> => {
  const rows = BRANCHES.map((branch_id, index) => ({ id: ids[index], branch_id }));
  const manager = { query: () => Promise.resolve(rows) } as unknown as EntityManager;
  return (await undoLogStore.readAll(manager, 'h:1:1')).map(({ branch_id }) => branch_id);
};

describe('the undo logs of a global transaction, the latest first', () => {
  it('come by the ids of their rows, where the table has them', async () => {
    expect(await order(['9', '10', '11'])).toEqual([
      '9007199254740994',
      '9007199254740995',
      '9007199254740993',
    ]);
  });

  it('come by the ids of their branches in the table of the script of Seata', async () => {
    expect(await order([])).toEqual(['9007199254740995', '9007199254740994', '9007199254740993']);
  });
});
