import { describe, expect, it } from '@jest/globals';
import type { EntityManager } from 'typeorm';
import type { RegisteredMessageListener } from '../consumer/message-listener.registry.js';
import type { ReadMessage } from '../consumer/message-reader.js';
import { BrokerNotReadyError, DatabaseUnavailableError } from '../errors/index.js';
import { OnDeadLetterCall } from './on-dead-letter.call.js';

const listener = {
  onDeadLetter: () => Promise.resolve('STORE'),
} as unknown as RegisteredMessageListener;
const read = { contents: { copy: () => ({}) } } as unknown as ReadMessage;

async function called(): Promise<OnDeadLetterCall> {
  const call = new OnDeadLetterCall(listener, read);
  await call.run?.('EXPIRED', {} as EntityManager);
  return call;
}

describe('OnDeadLetterCall', () => {
  it('has caused what it throws', async () => {
    expect((await called()).hasCaused(new TypeError('x is undefined'))).toBe(true);
  });

  it.each([
    ['a database that is away', new DatabaseUnavailableError('away')],
    ['a broker that is away', new BrokerNotReadyError('send', 't')],
    ['a table that is away', Object.assign(new Error('no such table'), { errno: 1146 })],
  ])('has not caused %s: it is called until that is over', async (_what, error) => {
    expect((await called()).hasCaused(error)).toBe(false);
  });

  it('has caused nothing before it was called', () => {
    expect(new OnDeadLetterCall(listener, read).hasCaused(new TypeError('x is undefined'))).toBe(false);
  });
});
