import { createHmac } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

/** What RocketMQ's remoting protocol calls a command; the header travels as JSON, the body as it is. */
export interface RemotingResponse {
  readonly code: number;
  readonly remark: string;
  readonly extFields: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** A name server or broker refused an administrative call, or could not be asked. */
export class RocketmqAdminError extends Error {
  /** The broker's response code; undefined when there was no response. */
  readonly code: number | undefined;

  constructor(message: string, options?: ErrorOptions & { code?: number }) {
    super(message, options);
    this.name = new.target.name;
    this.code = options?.code;
  }
}

/** The call did not end in time. Whether it was carried out is not known; every call may be repeated. */
export class RocketmqAdminTimeoutError extends RocketmqAdminError {}

/** A user of a RocketMQ whose access control is on. */
export interface RocketmqCredentials {
  readonly accessKey: string;
  readonly accessSecret: string;
}

export interface ConnectionSecurity {
  /** Signs every request. */
  readonly credentials?: RocketmqCredentials | undefined;
  /** Speaks TLS, and trusts these authorities (PEM) only. */
  readonly tlsAuthorities?: string | undefined;
}

interface Waiter {
  resolve(response: RemotingResponse): void;
  reject(error: RocketmqAdminError): void;
}

/**
 * One TCP connection to a name server or broker. Requests are matched to responses by a number ("opaque"),
 * so several may be under way at once. A frame is: total length, header length (its first byte is the
 * serialisation, 0 = JSON), header, body; see RemotingCommand in apache/rocketmq 5.4.0.
 */
export class RemotingConnection {
  private readonly waiters = new Map<number, Waiter>();
  private readonly socket: Socket;
  private received = Buffer.alloc(0);
  private lastOpaque = 0;

  constructor(
    private readonly address: string,
    private readonly security: ConnectionSecurity = {},
  ) {
    const [host, port] = splitAddress(address);
    const { tlsAuthorities: ca } = security;
    this.socket =
      ca === undefined ? connect({ host, port, noDelay: true }) : connectTls({ host, port, ca: [ca] });
    this.socket.on('data', (chunk) => {
      this.receive(chunk);
    });
    this.socket.on('error', (error) => {
      this.fail(`${address} cannot be reached: ${error.message}`, error);
    });
    this.socket.on('close', () => {
      this.fail(`${address} closed the connection`);
    });
  }

  get usable(): boolean {
    return !this.socket.destroyed;
  }

  request(code: number, fields: object, body: Buffer, timeoutMs: number): Promise<RemotingResponse> {
    const opaque = ++this.lastOpaque;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.waiters.delete(opaque);
        reject(new RocketmqAdminTimeoutError(`${this.address} did not answer within ${timeoutMs} ms`));
      }, timeoutMs);
      this.waiters.set(opaque, {
        resolve: (response) => {
          clearTimeout(timer);
          resolve(response);
        },
        reject: (error) => {
          clearTimeout(timer);
          reject(error);
        },
      });
      this.socket.write(encodeRequest(code, opaque, fields, body, this.security.credentials));
    });
  }

  close(): void {
    this.socket.destroy();
  }

  private receive(chunk: Buffer): void {
    this.received = Buffer.concat([this.received, chunk]);
    while (this.received.length >= 4 && this.received.length >= 4 + this.received.readUInt32BE(0)) {
      const end = 4 + this.received.readUInt32BE(0);
      this.dispatch(this.received.subarray(4, end));
      this.received = this.received.subarray(end);
    }
  }

  private dispatch(frame: Buffer): void {
    const headerLength = frame.readUInt32BE(0) & 0xffffff;
    const header = JSON.parse(frame.toString('utf8', 4, 4 + headerLength)) as {
      code: number;
      opaque: number;
      remark?: string;
      extFields?: Record<string, string>;
    };
    const waiter = this.waiters.get(header.opaque);
    this.waiters.delete(header.opaque);
    waiter?.resolve({
      code: header.code,
      remark: header.remark ?? '',
      extFields: header.extFields ?? {},
      body: Buffer.from(frame.subarray(4 + headerLength)),
    });
  }

  private fail(message: string, cause?: Error): void {
    this.socket.destroy();
    for (const waiter of this.waiters.values()) waiter.reject(new RocketmqAdminError(message, { cause }));
    this.waiters.clear();
  }
}

export function encodeRequest(
  code: number,
  opaque: number,
  fields: object,
  body: Buffer,
  credentials?: RocketmqCredentials,
): Buffer {
  const plain = Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, String(value)]));
  const extFields = credentials === undefined ? plain : signed(plain, body, credentials);
  // `version` decides nothing in these calls; `language` shows in the broker's client lists.
  const header = { code, flag: 0, language: 'OTHER', opaque, version: 0, extFields };
  const headerBytes = Buffer.from(JSON.stringify(header));
  const lengths = Buffer.alloc(8);
  lengths.writeUInt32BE(4 + headerBytes.length + body.length, 0);
  lengths.writeUInt32BE(headerBytes.length, 4);
  return Buffer.concat([lengths, headerBytes, body]);
}

/** As AclUtils and AclSigner of 5.4.0 do it: HMAC-SHA1 over the values in the order of their names, then the body. */
function signed(
  fields: Readonly<Record<string, string>>,
  body: Buffer,
  { accessKey, accessSecret }: RocketmqCredentials,
): Record<string, string> {
  const named: Record<string, string> = { ...fields, AccessKey: accessKey };
  const hmac = createHmac('sha1', accessSecret);
  for (const name of Object.keys(named).sort()) hmac.update(named[name] ?? '');
  return { ...named, Signature: hmac.update(body).digest('base64') };
}

function splitAddress(address: string): [host: string, port: number] {
  const match = /^\[?(.+?)\]?:(\d+)$/.exec(address);
  if (!match) throw new RocketmqAdminError(`"${address}" is not an address; host:port was expected`);
  return [match[1] ?? '', Number(match[2])];
}
