import { decodeMessage, FrameDecoder, type Message } from '../../../../libs/seata/src/wire/index.js';

/** How long rows of one resource were under a global lock, in ms, one figure for each branch. */
export interface GlobalHold {
  readonly resourceId: string;
  readonly heldMs: number;
}

type Asked = Extract<Message, { readonly type: 'BranchRegister' | 'Commit' | 'Rollback' }>;

/**
 * Listens to what services and the coordinator say to each other. A global lock is held from the answer that registers its
 * branch to the answer to the end of its global transaction: the coordinator gives it up before it answers, so this is what a
 * service sees of it, and a little more than the coordinator's own time.
 */
export class GlobalHolds {
  /** Branches with locks, by global transaction, with the time of their registration. */
  private readonly locked = new Map<string, { readonly resourceId: string; readonly sinceMs: number }[]>();
  private holds: GlobalHold[] = [];
  private frames = 0;

  constructor(private readonly nowMs: () => number = () => performance.now()) {}

  /** @returns what listens to one connection */
  connection(): { sent(bytes: Buffer): void; received(bytes: Buffer): void } {
    const [toServer, toService] = [new FrameDecoder(), new FrameDecoder()];
    const asked = new Map<number, Asked>();
    return {
      sent: (bytes) => {
        for (const { kind, id, body } of toServer.push(bytes)) {
          if (body.length === 0) continue;
          this.frames += 1;
          const message = decodeMessage(body);
          if (kind !== 'RESPONSE' && isAsked(message)) asked.set(id, message);
        }
      },
      received: (bytes) => {
        for (const { kind, id, body } of toService.push(bytes)) {
          if (body.length === 0) continue;
          this.frames += 1;
          const request = kind === 'RESPONSE' ? asked.get(id) : undefined;
          if (request === undefined) continue;
          asked.delete(id);
          this.answered(request, decodeMessage(body));
        }
      },
    };
  }

  /** What has ended since the last call, and how many frames went over all connections, pings apart. */
  take(): { readonly holds: readonly GlobalHold[]; readonly frames: number } {
    const [holds, frames] = [this.holds, this.frames];
    this.holds = [];
    this.frames = 0;
    return { holds, frames };
  }

  private answered(request: Asked, answer: Message): void {
    const { xid } = request;
    if (request.type === 'BranchRegister') {
      if (answer.type !== 'BranchRegisterResponse' || !answer.result.ok || !request.lockKey) return;
      const ofTransaction = this.locked.get(xid) ?? [];
      this.locked.set(xid, [...ofTransaction, { resourceId: request.resourceId, sinceMs: this.nowMs() }]);
      return;
    }
    for (const { resourceId, sinceMs } of this.locked.get(xid) ?? []) {
      this.holds.push({ resourceId, heldMs: this.nowMs() - sinceMs });
    }
    this.locked.delete(xid);
  }
}

function isAsked(message: Message): message is Asked {
  return message.type === 'BranchRegister' || message.type === 'Commit' || message.type === 'Rollback';
}
