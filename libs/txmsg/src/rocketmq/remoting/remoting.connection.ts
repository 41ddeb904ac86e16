import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { parseBrokerAddress } from '../../broker/index.js';
import { withDeadline } from '../../deadline/index.js';
import { decodeCommand } from './command.decoder.js';
import { FrameSplitter } from './frame.splitter.js';
import { FrameWriter } from './frame.writer.js';
import { PendingRequests } from './pending-requests.js';
import { ResponseCode } from './remoting-codes.js';
import {
  isOneWay,
  isResponse,
  NO_BODY,
  REQUEST_FLAG,
  RESPONSE_FLAG,
  type Fields,
  type RemotingCommand,
} from './remoting-command.js';
import { ConnectionBusyError, ConnectionLostError, RequestTimeoutError } from './remoting.errors.js';
import { signed, type Credentials } from './request.signer.js';

export interface ConnectionSecurity {
  /** Speaks TLS, and trusts these authorities (PEM) instead of the built-in ones when they are given. */
  readonly tls?: { readonly authorities?: Buffer | undefined } | undefined;
  /** Signs every request. */
  readonly credentials?: Credentials | undefined;
}

export interface ConnectionEvents {
  /** A request of the server's. Returns true when it is understood; otherwise the server is told that it is not. */
  readonly onRequest?: (command: RemotingCommand) => boolean;
  /** Called once, when a connection that was open is so no longer, unless `close` was called. */
  readonly onLost?: (cause: Error) => void;
}

/** Requests under way; the broker answers thousands in the time that one takes to time out. */
const REQUESTS_MAX = 8_192;
/** What may wait for a socket that takes no more. */
const WAITING_BYTES_MAX = 32 * 1024 * 1024;
const KEEP_ALIVE_MS = 10_000;
const OPAQUE_MAX = 0x7fff_ffff;
/** Servers that expect TLS, or are not RocketMQ's, close a connection without ever answering. */
const NEVER_HEARD =
  'the other end takes connections and closes them: is it the right port, and does it want TLS?';

/**
 * One connection to a name server or broker. Requests are matched with their responses by a number ("opaque"), so
 * many may be under way at once; the frames of one turn of the event loop leave in one write, and wait while the
 * socket takes no more. Whatever breaks it, it is replaced by another one, never repaired.
 * Tests: remoting.connection.spec.ts.
 */
export class RemotingConnection {
  private readonly writer = new FrameWriter();
  private readonly splitter = new FrameSplitter();
  private readonly pending: PendingRequests;
  private readonly socket: Socket;
  private readonly opened: Promise<void>;
  private lastOpaque = 0;
  private flushIsPlanned = false;
  private isOpen = false;
  private hasEnded = false;
  private hasHeard = false;

  constructor(
    readonly address: string,
    private readonly security: ConnectionSecurity = {},
    private readonly events: ConnectionEvents = {},
    private readonly requestsMax = REQUESTS_MAX,
  ) {
    this.pending = new PendingRequests(address);
    this.socket = openSocket(address, security);
    this.opened = new Promise((resolve, reject) => {
      this.socket.once(security.tls ? 'secureConnect' : 'connect', () => {
        this.isOpen = true;
        resolve();
      });
      this.socket.once('close', () => {
        reject(new Error(`${address} closed the connection`));
      });
      this.socket.once('error', reject);
    });
    this.opened.catch(() => undefined);
    this.socket.on('data', (chunk) => {
      this.receive(chunk);
    });
    this.socket.on('drain', () => {
      this.flush();
    });
    this.socket.on('error', (error: NodeJS.ErrnoException) => {
      this.lose(
        this.isOpen && !this.hasHeard && error.code === 'ECONNRESET' ? new Error(NEVER_HEARD) : error,
      );
    });
    this.socket.on('close', () => {
      this.lose(new Error(this.hasHeard ? 'the other end closed it' : NEVER_HEARD));
    });
  }

  /** True once it was lost or closed; it never opens again. */
  get isClosed(): boolean {
    return this.hasEnded;
  }

  get isUsable(): boolean {
    return this.isOpen && !this.hasEnded;
  }

  /** Resolves when requests may be sent. A connection that does not open in time is closed. */
  async open(timeoutMs: number): Promise<void> {
    try {
      await withDeadline(this.opened, timeoutMs, () => new RequestTimeoutError(this.address, timeoutMs));
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /**
   * @throws RequestTimeoutError, ConnectionLostError: it may have been carried out; ConnectionBusyError: it was not sent
   */
  request(code: number, fields: Fields, body: Buffer, timeoutMs: number): Promise<RemotingCommand> {
    if (!this.isUsable) return Promise.reject(this.lost(new Error('it is closed')));
    if (this.pending.size >= this.requestsMax) {
      return Promise.reject(this.busy(`${this.pending.size} requests wait for their answers`));
    }
    if (this.writer.waitingBytes > WAITING_BYTES_MAX) {
      return Promise.reject(this.busy(`${this.writer.waitingBytes} bytes wait to be sent`));
    }
    this.lastOpaque = (this.lastOpaque + 1) & OPAQUE_MAX;
    const { lastOpaque: opaque } = this;
    const { credentials } = this.security;
    const signedFields = credentials === undefined ? fields : signed(fields, body, credentials);
    this.writer.append({ code, flag: REQUEST_FLAG, opaque, fields: signedFields }, body);
    this.planFlush();
    return this.pending.add(opaque, timeoutMs);
  }

  /** Ends everything at once; requests under way fail. */
  close(): void {
    this.end(new Error('this service closed it'));
  }

  private receive(chunk: Buffer): void {
    this.hasHeard = true;
    try {
      this.splitter.push(chunk, (frame) => {
        this.dispatch(decodeCommand(frame));
      });
    } catch (error) {
      this.lose(error as Error);
    }
  }

  private dispatch(command: RemotingCommand): void {
    if (isResponse(command)) this.pending.resolve(command);
    else if (this.events.onRequest?.(command) !== true && !isOneWay(command)) this.refuse(command);
  }

  /** Answers that the request is not supported: the server would otherwise wait for its timeout. */
  private refuse({ opaque }: RemotingCommand): void {
    const code = ResponseCode.REQUEST_CODE_NOT_SUPPORTED;
    this.writer.append({ code, flag: RESPONSE_FLAG, opaque, fields: {} }, NO_BODY);
    this.planFlush();
  }

  private planFlush(): void {
    if (this.flushIsPlanned) return;
    this.flushIsPlanned = true;
    setImmediate(() => {
      this.flushIsPlanned = false;
      this.flush();
    });
  }

  private flush(): void {
    if (!this.isUsable || this.socket.writableNeedDrain) return;
    const pieces = this.writer.take();
    if (pieces.length > 1) this.socket.cork();
    for (const piece of pieces) this.socket.write(piece);
    if (pieces.length > 1) this.socket.uncork();
  }

  private lose(cause: Error): void {
    const wasUsable = this.isUsable;
    this.end(cause);
    if (wasUsable) this.events.onLost?.(cause);
  }

  private end(cause: Error): void {
    if (this.hasEnded) return;
    this.hasEnded = true;
    this.socket.destroy();
    this.pending.rejectAll(this.lost(cause));
  }

  private lost(cause: Error): ConnectionLostError {
    return new ConnectionLostError(this.address, cause);
  }

  private busy(detail: string): ConnectionBusyError {
    return new ConnectionBusyError(this.address, detail);
  }
}

function openSocket(text: string, { tls }: ConnectionSecurity): Socket {
  const address = parseBrokerAddress(text);
  if (!address) throw new Error(`"${text}" is not an address; host:port was expected`);
  const options = { ...address, noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS };
  if (!tls) return connect(options);
  const { authorities } = tls;
  return connectTls({ ...options, ...(authorities === undefined ? {} : { ca: [authorities] }) });
}
