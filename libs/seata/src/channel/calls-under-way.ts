import type { Deadline } from 'txmsg';
import {
  CoordinatorTimeoutError,
  CoordinatorUnavailableError,
  MalformedFrameError,
} from '../errors/index.js';
import { RESPONSES, type Message, type RequestType } from '../wire/index.js';

interface CallUnderWay {
  readonly type: RequestType;
  readonly resolve: (response: Message) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

const ID_MAX = 0x7fff_ffff;

/** The calls of one connection that wait for their answer. Each ends by its answer, its deadline or the connection's end. */
export class CallsUnderWay {
  private readonly calls = new Map<number, CallUnderWay>();
  private lastId = 0;

  /** @param place - of the coordinator, for messages */
  constructor(
    private readonly callsMax: number,
    private readonly place: string,
  ) {}

  /**
   * @returns the id to send it under, and its answer
   * @throws CoordinatorUnavailableError: it must not be sent
   */
  begin(type: RequestType, deadline: Deadline): { id: number; answer: Promise<Message> } {
    if (this.calls.size >= this.callsMax) {
      throw new CoordinatorUnavailableError(
        type,
        `${this.calls.size} calls are waiting for their answer already`,
      );
    }
    if (deadline.hasPassed()) throw new CoordinatorUnavailableError(type, 'its deadline has passed');
    const id = this.nextId();
    const answer = new Promise<Message>((resolve, reject) => {
      const timeoutMs = deadline.remainingMs();
      const timer = setTimeout(() => {
        const reason = `no answer came from ${this.place} within ${timeoutMs} ms`;
        this.take(id)?.reject(new CoordinatorTimeoutError(type, reason));
      }, timeoutMs);
      this.calls.set(id, { type, resolve, reject, timer });
    });
    return { id, answer };
  }

  /**
   * An answer has come; one that comes too late is ignored.
   * @throws MalformedFrameError when it answers another question; the call goes on waiting for the connection's end then
   */
  end(id: number, response: Message): void {
    const call = this.calls.get(id);
    if (call === undefined) return;
    if (response.type !== RESPONSES[call.type]) {
      throw new MalformedFrameError(`a ${response.type} in answer to a ${call.type}`);
    }
    this.take(id)?.resolve(response);
  }

  /** No answer will come any more. */
  endAll(cause: Error): void {
    for (const [id, { type, reject }] of [...this.calls]) {
      this.take(id);
      const reason = `the connection to ${this.place} ended before an answer came (${cause.message})`;
      reject(new CoordinatorTimeoutError(type, reason, { cause }));
    }
  }

  private nextId(): number {
    do this.lastId = this.lastId === ID_MAX ? 1 : this.lastId + 1;
    while (this.calls.has(this.lastId));
    return this.lastId;
  }

  private take(id: number): CallUnderWay | undefined {
    const call = this.calls.get(id);
    this.calls.delete(id);
    clearTimeout(call?.timer);
    return call;
  }
}
