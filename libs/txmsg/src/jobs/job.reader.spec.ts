import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Decision, TransactionContext } from '../database/index.js';
import { JobReader } from './job.reader.js';

describe('JobReader', () => {
  let decisions: string[];
  let reader: JobReader;

  beforeEach(() => {
    decisions = [];
    const entityManager = { query: () => Promise.resolve([]) };
    reader = new JobReader({
      run: async <T>(work: (context: TransactionContext) => Promise<Decision<T>>): Promise<T> => {
        const { decision, value } = await work({ entityManager } as unknown as TransactionContext);
        decisions.push(decision);
        return value;
      },
    });
  });

  it('sends no COMMIT, whose answer may be lost, for what it only reads', async () => {
    await reader.find('kind', 'key');
    await reader.page({});
    expect(decisions).toEqual(['ROLLBACK', 'ROLLBACK']);
  });

  it('commits what it opens again', async () => {
    await reader.reopen('kind', 'key');
    expect(decisions).toEqual(['COMMIT']);
  });
});
