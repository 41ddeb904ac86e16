import { describe, expect, it } from '@jest/globals';
import type { EntityManager } from 'typeorm';
import type { TransactionContext } from '../database/index.js';
import { DeploymentNames } from '../options/deployment-names.js';
import { DEFAULT_MESSAGE_LIMITS } from '../limits/index.js';
import { ignore, type MessageItem } from './message-handler.js';
import { registerMessageListeners, type RegisteredMessageListener } from './message-listener.registry.js';

const settings = {
  names: new DeploymentNames(),
  messageLimits: DEFAULT_MESSAGE_LIMITS,
  handlerAttemptsMax: 16,
};
const context = { statementsMs: () => 0 } as TransactionContext;
const item = { txNo: '1', payload: {} } as MessageItem;

function register(instance: object): RegisteredMessageListener {
  const options = { topic: 't', consumerGroup: 'c', payload: Object };
  const { listeners } = registerMessageListeners([{ className: 'Handler', instance, options }], settings);
  const [listener] = listeners;
  if (listener === undefined) throw new Error('no listener was registered');
  return listener;
}

describe('what a handler returns', () => {
  it.each([undefined, null, true, 'ignored', { affectedRows: 1 }, [{ ignored: 1 }]])(
    'means that its message is done when it is %j',
    async (returned) => {
      const single = register({ onMessage: () => Promise.resolve(returned) });
      expect(await single.handlers.runAlone(item, context)).toEqual({ state: 'KEPT', answer: undefined });
      const batch = register({ onMessages: () => Promise.resolve([returned]) });
      expect(await batch.handlers.runAlone(item, context)).toEqual({ state: 'KEPT', answer: undefined });
    },
  );

  it.each([undefined, null, { affectedRows: 1, insertId: 0 }])(
    'from onDismiss means that the barrier row stays when it is %j',
    async (returned) => {
      const { onDismiss } = register({ onDismiss: () => Promise.resolve(returned) });
      await expect(onDismiss?.({}, {} as EntityManager)).resolves.toBeUndefined();
    },
  );

  it('from onDismiss means that no barrier row stays when it is what ignore() returns', async () => {
    const { onDismiss } = register({ onDismiss: () => Promise.resolve(ignore('not decided')) });
    await expect(onDismiss?.({}, {} as EntityManager)).resolves.toEqual({ ignored: 'not decided' });
  });

  it('means that nothing is to be stored when it is what ignore() returns', async () => {
    const single = register({ onMessage: () => Promise.resolve(ignore('not ours')) });
    expect(await single.handlers.runAlone(item, context)).toEqual({
      state: 'UNDONE',
      answer: { ignored: 'not ours' },
    });
  });
});

describe('a number of a listener', () => {
  const problemsOf = (numbers: object): string[] => {
    const options = { topic: 't', consumerGroup: 'c', payload: Object, ...numbers };
    const instance = { onMessage: () => Promise.resolve() };
    return registerMessageListeners([{ className: 'Handler', instance, options }], settings).problems;
  };

  it.each([
    ['attemptsMax', 0, '1 to 1000000'],
    ['concurrency', 1025, '1 to 1024'],
    ['batchSizeMax', 1.5, '1 to 256'],
    ['gatherMs', -1, '0 to 1000'],
    ['gatherMs', 1001, '0 to 1000'],
  ])('%s %d is refused', (name, value, range) => {
    expect(problemsOf({ [name]: value })).toEqual([
      `Handler: ${name} ${value} is refused: it must be a whole number from ${range}.`,
    ]);
  });

  it.each([
    { attemptsMax: 1 },
    { concurrency: 1024 },
    { batchSizeMax: 256 },
    { gatherMs: 0 },
    { gatherMs: 1000 },
  ])('may be at the end of its range: %j', (numbers) => {
    expect(problemsOf(numbers)).toEqual([]);
  });
});
