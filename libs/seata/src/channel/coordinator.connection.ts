import type { Duplex } from 'node:stream';
import type { Deadline } from 'txmsg';
import { CoordinatorUnavailableError, MessageNotEncodableError } from '../errors/index.js';
import {
  decodeMessage,
  encodeMessage,
  FRAME_BYTES_MAX,
  frameBytes,
  FrameDecoder,
  type Frame,
  type Message,
  type Request,
  type RequestType,
  type ResponseTo,
} from '../wire/index.js';
import { CallsUnderWay } from './calls-under-way.js';
import { FrameWriter } from './frame.writer.js';

/**
 * What the coordinator asks of this process. An answer that comes after the connection's end is dropped: the coordinator asks
 * again. @returns undefined when there is nothing to answer @throws MalformedFrameError when it may not ask this
 */
export type RequestHandler = (request: Message) => Promise<Message> | undefined;

/** How a connection shows that it lives. */
export interface Liveness {
  /** How often this side says so, in ms. */
  readonly pingIntervalMs: number;
  /** After how long without a byte from the other side the connection is closed, in ms. */
  readonly silenceMaxMs: number;
}

/** The coordinator closes a connection that was silent for 15 s. */
export const LIVENESS: Liveness = { pingIntervalMs: 5000, silenceMaxMs: 15_000 };

/** One open connection to the coordinator, from its first byte to its last. Nothing is left of it when it has ended. */
export class CoordinatorConnection {
  /** Resolves with the reason when it has ended. */
  readonly ended: Promise<Error>;
  private readonly decoder = new FrameDecoder();
  private readonly writer: FrameWriter;
  private readonly calls: CallsUnderWay;
  private readonly pinger: NodeJS.Timeout;
  private heardAtMs = performance.now();
  private pings = 0;
  private endReason: Error | undefined;
  private tellEnd: (reason: Error) => void = () => undefined;

  constructor(
    private readonly socket: Duplex,
    private readonly onRequest: RequestHandler,
    callsMax: number,
    /** Of the coordinator, for messages. */
    private readonly place: string,
    private readonly liveness: Liveness = LIVENESS,
  ) {
    this.writer = new FrameWriter(socket);
    this.calls = new CallsUnderWay(callsMax, place);
    this.ended = new Promise((resolve) => (this.tellEnd = resolve));
    socket.on('data', this.onData).on('error', this.onError).on('close', this.onClose);
    this.pinger = setInterval(this.onPingDue, liveness.pingIntervalMs);
  }

  /** @throws CoordinatorUnavailableError or MessageNotEncodableError (not sent), CoordinatorTimeoutError (unknown) */
  async call<T extends RequestType>(request: Request<T>, deadline: Deadline): Promise<ResponseTo<T>> {
    const { type } = request;
    const body = encodeMessage(request as unknown as Message);
    if (frameBytes(body) > FRAME_BYTES_MAX) {
      throw new MessageNotEncodableError(
        type,
        `its ${body.length} bytes exceed a frame of ${FRAME_BYTES_MAX}`,
      );
    }
    if (this.endReason) {
      const reason = `the connection to ${this.place} has ended (${this.endReason.message})`;
      throw new CoordinatorUnavailableError(type, reason, { cause: this.endReason });
    }
    if (this.writer.pendingBytes > FRAME_BYTES_MAX) {
      throw new CoordinatorUnavailableError(type, `${this.place} does not take what was sent to it before`);
    }
    const { id, answer } = this.calls.begin(type, deadline);
    this.writer.write({ kind: 'REQUEST', id, body });
    // `CallsUnderWay` lets nothing else pass.
    return (await answer) as unknown as ResponseTo<T>;
  }

  /** Ends it at once. Calls that wait for their answer end as unknown. */
  end(reason: Error): void {
    if (this.endReason) return;
    this.endReason = reason;
    clearInterval(this.pinger);
    this.socket.off('data', this.onData);
    this.socket.destroy();
    this.calls.endAll(reason);
    this.tellEnd(reason);
  }

  private readonly onData = (chunk: Buffer): void => {
    this.heardAtMs = performance.now();
    try {
      for (const frame of this.decoder.push(chunk)) this.receive(frame);
    } catch (error) {
      this.end(error as Error);
    }
  };

  /** Also after the end, until the socket is closed: an error without a listener would end the process. */
  private readonly onError = (error: Error): void => {
    this.end(error);
  };

  private readonly onClose = (): void => {
    this.end(new Error('the coordinator closed the connection'));
    this.socket.off('error', this.onError).off('close', this.onClose);
  };

  private readonly onPingDue = (): void => {
    if (!this.isSilent()) {
      this.pings += 1;
      this.writer.write({ kind: 'PING', id: -this.pings, body: Buffer.alloc(0) });
      return;
    }
    // A process that stood still itself reads first what has come meanwhile.
    setImmediate(() => {
      if (this.isSilent()) this.end(new Error(`nothing was heard for ${this.liveness.silenceMaxMs} ms`));
    });
  };

  private isSilent(): boolean {
    return performance.now() - this.heardAtMs >= this.liveness.silenceMaxMs;
  }

  private receive({ kind, id, body }: Frame): void {
    switch (kind) {
      case 'PONG':
        return;
      case 'PING':
        this.send({ kind: 'PONG', id, body: Buffer.alloc(0) });
        return;
      case 'RESPONSE':
        this.calls.end(id, decodeMessage(body));
        return;
      case 'REQUEST':
      case 'ONE_WAY':
        this.onRequest(decodeMessage(body))
          ?.then((answer) => {
            this.send({ kind: 'RESPONSE', id, body: encodeMessage(answer) });
          })
          .catch((error: unknown) => {
            this.end(error as Error);
          });
    }
  }

  private send(frame: Frame): void {
    if (this.endReason === undefined) this.writer.write(frame);
  }
}
