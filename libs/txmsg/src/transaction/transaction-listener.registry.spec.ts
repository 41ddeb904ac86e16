import { describe, expect, it } from '@jest/globals';
import type { TransactionContext } from '../database/index.js';
import { commit } from './local-transaction.js';
import { DeploymentNames } from '../options/deployment-names.js';
import { registerTransactionListeners } from './transaction-listener.registry.js';

const names = new DeploymentNames();

const single = { executeLocalTransaction: () => Promise.resolve(commit(1)) };
const found = (className: string, topic: string, instance: object = single, batchSizeMax?: number) => ({
  className,
  instance,
  options: { topic, producerGroup: 'p', ...(batchSizeMax === undefined ? {} : { batchSizeMax }) },
});

describe('registerTransactionListeners', () => {
  it('refuses two listeners of one topic, and names both', () => {
    const { problems } = registerTransactionListeners([found('A', 'topic_x'), found('B', 'topic_x')], names);
    expect(problems).toEqual([
      'Topic "topic_x" has two @TransactionListener classes (A, B). A transactional topic belongs to exactly one listener.',
    ]);
  });

  it('refuses a class with neither form, or with both, and reports everything at once', () => {
    const both = { ...single, executeLocalTransactions: () => Promise.resolve([]) };
    const { problems } = registerTransactionListeners(
      [
        found('None', 'a', {}),
        found('Both', 'b', both),
        found('BadTopic', 'a b'),
        found('BadBatch', 'c', single, 0),
      ],
      names,
    );
    expect(problems).toHaveLength(4);
  });

  it('refuses a batch listener that does not answer for every item', async () => {
    const batch = { executeLocalTransactions: () => Promise.resolve([]) };
    const { listeners } = registerTransactionListeners([found('Batch', 'a', batch)], names);
    const item = { txNo: '1', payload: {}, arg: undefined };
    const context = { statementsMs: () => 0 } as TransactionContext;
    await expect(listeners.get('a')?.handlers.runAlone(item, context)).rejects.toThrow(
      '0 outcomes for 1 items',
    );
  });
});
