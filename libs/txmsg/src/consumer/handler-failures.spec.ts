import { describe, expect, it } from '@jest/globals';
import { HandlerFailures } from './handler-failures.js';

const message = (body: string, messageId = ''): { messageId: string; body: Buffer } => ({
  messageId,
  body: Buffer.from(body),
});

describe('HandlerFailures', () => {
  it('counts those of one message, the handler apart from onDeadLetter', () => {
    const failures = new HandlerFailures();
    expect([1, 2].map(() => failures.count('HANDLER', message('a')))).toEqual([1, 2]);
    expect(failures.count('ON_DEAD_LETTER', message('a'))).toBe(1);
    failures.forget(message('a'));
    expect(failures.count('HANDLER', message('a'))).toBe(1);
    expect(failures.count('ON_DEAD_LETTER', message('a'))).toBe(1);
  });

  it.each(['', 'the-same-id'])('keeps two messages apart whose senders gave them the id "%s"', (id) => {
    const failures = new HandlerFailures();
    failures.count('HANDLER', message('a', id));
    expect(failures.count('HANDLER', message('b', id))).toBe(1);
    failures.forget(message('b', id));
    expect(failures.count('HANDLER', message('a', id))).toBe(2);
  });
});
