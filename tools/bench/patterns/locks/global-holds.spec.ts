import { describe, expect, it } from '@jest/globals';
import { encodeFrame, encodeMessage, type Message } from '../../../../libs/seata/src/wire/index.js';
import { GlobalHolds } from './global-holds.js';

const [xid, resourceId] = ['10.0.0.1:8091:7', 'jdbc:mysql://127.0.0.1:3306/a'];
const done = { ok: true, message: '', exceptionCode: 0 };
const refused = { ok: false, message: 'held by others', exceptionCode: 2 };

/** What a service and the coordinator say, and when. */
class Talk {
  private now = 0;
  readonly holds = new GlobalHolds(() => this.now);
  private readonly line = this.holds.connection();

  register(id: number, atMs: number, { lockKey = 'account_info:1', result = done } = {}): void {
    this.ask(id, { type: 'BranchRegister', xid, branchType: 0, resourceId, lockKey, applicationData: '' });
    this.answer(id, atMs, { type: 'BranchRegisterResponse', result, branchId: 5n });
  }

  end(id: number, atMs: number, type: 'Commit' | 'Rollback' = 'Commit'): void {
    this.ask(id, { type, xid, extraData: '' });
    this.answer(id, atMs, { type: `${type}Response`, result: done, globalStatus: 8 });
  }

  private ask(id: number, message: Message): void {
    this.line.sent(encodeFrame({ kind: 'REQUEST', id, body: encodeMessage(message) }));
  }

  private answer(id: number, atMs: number, message: Message): void {
    this.now = atMs;
    const bytes = encodeFrame({ kind: 'RESPONSE', id, body: encodeMessage(message) });
    // As a network may cut it.
    this.line.received(bytes.subarray(0, 9));
    this.line.received(bytes.subarray(9));
  }
}

describe('GlobalHolds', () => {
  it.each(['Commit', 'Rollback'] as const)(
    'counts from the registration of each branch to the %s',
    (type) => {
      const talk = new Talk();
      talk.register(1, 10);
      talk.register(2, 14);
      talk.end(3, 30, type);
      expect(talk.holds.take()).toEqual({
        holds: [
          { resourceId, heldMs: 20 },
          { resourceId, heldMs: 16 },
        ],
        frames: 6,
      });
      expect(talk.holds.take()).toEqual({ holds: [], frames: 0 });
    },
  );

  it('does not count a branch without locks, nor one that was refused', () => {
    const talk = new Talk();
    talk.register(1, 10, { lockKey: '' });
    talk.register(2, 14, { result: refused });
    talk.end(3, 30);
    expect(talk.holds.take().holds).toEqual([]);
  });
});
