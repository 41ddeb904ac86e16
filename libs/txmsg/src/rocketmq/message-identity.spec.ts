import { describe, expect, it } from '@jest/globals';
import { MessageIdentity } from './message-identity.js';

describe('message ids', () => {
  it('differ between two processes on twin machines with the same process id', () => {
    const [one, other] = [new MessageIdentity(), new MessageIdentity()];
    expect(one.next().slice(0, 18)).not.toBe(other.next().slice(0, 18));
  });

  it('differ within a process and have the documented layout', () => {
    const identity = new MessageIdentity();
    const ids = Array.from({ length: 1_000 }, () => identity.next());
    expect(new Set(ids).size).toBe(1_000);
    for (const id of ids) expect(id).toMatch(/^01[0-9A-F]{32}$/);
  });
});
