import { connect, type Socket } from 'node:net';

export interface LoadTarget {
  readonly host: string;
  readonly port: number;
  /** The whole request of one more transfer, headers included. */
  request(): Buffer;
  /** Whether this status means that the transfer was accepted. */
  isAccepted(status: number): boolean;
}

export interface LoadResult {
  /** From the first request to the end of the load, in ms. */
  readonly tookMs: number;
  /** Accepted transfers: from request to the last byte of the answer, in ms. */
  readonly latenciesMs: readonly number[];
  /** All other answers by status; 0 for a connection that broke. */
  readonly failures: ReadonlyMap<number, number>;
}

const ANSWER_DEADLINE_MS = 30_000;

/**
 * Callers in a closed loop, each on one keep-alive connection: the next transfer begins when the last one was
 * answered. On raw sockets, because what a client library costs would be measured with the services: both sides
 * share two cores with their load.
 * @param until - ends the load after so many ms, or after so many transfers
 */
export async function load(
  target: LoadTarget,
  callers: number,
  until: { readonly ms?: number; readonly transfers?: number },
): Promise<LoadResult> {
  const latenciesMs: number[] = [];
  const failures = new Map<number, number>();
  const began = performance.now();
  const endsAt = began + (until.ms ?? Infinity);
  let left = until.transfers ?? Infinity;
  const call = async (): Promise<void> => {
    let caller = await Caller.open(target);
    try {
      while (left > 0 && performance.now() < endsAt) {
        left -= 1;
        const from = performance.now();
        const status = await caller.exchange(target.request());
        if (target.isAccepted(status)) latenciesMs.push(performance.now() - from);
        else failures.set(status, (failures.get(status) ?? 0) + 1);
        if (!caller.isOpen) caller = await Caller.open(target);
      }
    } finally {
      caller.close();
    }
  };
  await Promise.all(Array.from({ length: callers }, call));
  return { tookMs: performance.now() - began, latenciesMs, failures };
}

/** One keep-alive connection with at most one request under way. */
export class Caller {
  isOpen = true;
  private received: Buffer = Buffer.alloc(0);
  private answer: ((status: number) => void) | undefined;

  private constructor(private readonly socket: Socket) {
    socket.setNoDelay(true);
    socket.setTimeout(ANSWER_DEADLINE_MS, () => socket.destroy());
    socket.on('data', (chunk) => {
      this.read(chunk);
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.isOpen = false;
      this.conclude(0);
    });
  }

  static async open({ host, port }: LoadTarget): Promise<Caller> {
    const socket = connect({ host, port });
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve).once('error', reject);
    });
    return new Caller(socket);
  }

  /** The status, or 0 when the connection broke before the whole answer was here. */
  exchange(request: Buffer): Promise<number> {
    return new Promise((resolve) => {
      this.answer = resolve;
      this.socket.write(request);
    });
  }

  close(): void {
    this.socket.destroy();
  }

  private read(chunk: Buffer): void {
    this.received = this.received.length === 0 ? chunk : Buffer.concat([this.received, chunk]);
    const status = statusOfWhole(this.received);
    if (status === undefined) return;
    this.received = Buffer.alloc(0);
    this.conclude(status);
  }

  private conclude(status: number): void {
    const answer = this.answer;
    this.answer = undefined;
    answer?.(status);
  }
}

const LAST_CHUNK = '\r\n0\r\n\r\n';

/** The status of an answer that is here as a whole; undefined while some of it is missing. */
function statusOfWhole(received: Buffer): number | undefined {
  const headEnd = received.indexOf('\r\n\r\n');
  if (headEnd < 0) return undefined;
  const head = received.toString('latin1', 0, headEnd);
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  const isWhole =
    length === undefined
      ? received.subarray(headEnd).indexOf(LAST_CHUNK) >= 0
      : received.length >= headEnd + 4 + Number(length);
  return isWhole ? Number(head.slice(9, 12)) : undefined;
}
