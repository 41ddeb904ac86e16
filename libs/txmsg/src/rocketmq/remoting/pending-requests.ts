import { RequestTimeoutError } from './remoting.errors.js';
import type { RemotingCommand } from './remoting-command.js';

interface PendingRequest {
  readonly resolve: (response: RemotingCommand) => void;
  readonly reject: (error: Error) => void;
  readonly endsAtMs: number;
  readonly timeoutMs: number;
}

/** The resolution of time-outs: a finer one would only cost timers. */
const TICK_MS = 10;

/**
 * The requests that wait for their response. One timer serves all: it is set for the earliest deadline, and most
 * requests have long been answered when it fires.
 */
export class PendingRequests {
  private readonly requests = new Map<number, PendingRequest>();
  private timer: NodeJS.Timeout | undefined;
  private timerStrikesAtMs = Infinity;

  constructor(private readonly address: string) {}

  get size(): number {
    return this.requests.size;
  }

  add(opaque: number, timeoutMs: number): Promise<RemotingCommand> {
    return new Promise((resolve, reject) => {
      const endsAtMs = performance.now() + timeoutMs;
      this.requests.set(opaque, { resolve, reject, endsAtMs, timeoutMs });
      if (endsAtMs < this.timerStrikesAtMs) this.strikeAt(endsAtMs);
    });
  }

  /** A response to a request that has timed out is dropped. */
  resolve(response: RemotingCommand): void {
    const request = this.requests.get(response.opaque);
    if (!request) return;
    this.requests.delete(response.opaque);
    request.resolve(response);
  }

  rejectAll(error: Error): void {
    clearTimeout(this.timer);
    this.timerStrikesAtMs = Infinity;
    const requests = [...this.requests.values()];
    this.requests.clear();
    for (const { reject } of requests) reject(error);
  }

  private strikeAt(timeMs: number): void {
    clearTimeout(this.timer);
    this.timerStrikesAtMs = timeMs;
    const pauseMs = Math.max(TICK_MS, Math.ceil(timeMs - performance.now()));
    this.timer = setTimeout(() => {
      this.rejectExpired();
    }, pauseMs);
  }

  private rejectExpired(): void {
    const now = performance.now();
    let nextMs = Infinity;
    this.timerStrikesAtMs = Infinity;
    for (const [opaque, { reject, endsAtMs, timeoutMs }] of this.requests) {
      if (endsAtMs > now) {
        nextMs = Math.min(nextMs, endsAtMs);
        continue;
      }
      this.requests.delete(opaque);
      reject(new RequestTimeoutError(this.address, timeoutMs));
    }
    if (nextMs !== Infinity) this.strikeAt(nextMs);
  }
}
