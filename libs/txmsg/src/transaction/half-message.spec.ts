import { describe, expect, it } from '@jest/globals';
import { readOrigin, toHalfMessage } from './half-message.js';

const origin = { txNo: 't', scope: 'p', attempt: 'a', databaseId: 'd', sentAtMs: 1_700_000_000_000 };

describe('half messages', () => {
  const message = toHalfMessage('topic', Buffer.from('{"txNo":"t"}'), origin);
  const incoming = { ...message, messageId: 'm', keys: [message.key], bornAtMs: undefined };

  it('carry their origin to whoever is asked about them', () => {
    expect(message.key).toBe('t');
    expect(readOrigin(incoming)).toEqual(origin);
  });

  it.each(Object.keys(message.properties))('are nobody’s when %s is missing or empty', (name) => {
    const rest = Object.fromEntries(Object.entries(message.properties).filter(([key]) => key !== name));
    expect(readOrigin({ ...incoming, properties: rest })).toBeUndefined();
    expect(readOrigin({ ...incoming, properties: { ...message.properties, [name]: '' } })).toBeUndefined();
  });
});
