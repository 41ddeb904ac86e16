import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { decodeCommand } from '../src/rocketmq/remoting/command.decoder.js';
import { FrameSplitter } from '../src/rocketmq/remoting/frame.splitter.js';
import { RequestCode } from '../src/rocketmq/remoting/remoting-codes.js';
import type { RemotingCommand } from '../src/rocketmq/remoting/remoting-command.js';

/** A response, by default SUCCESS of a 5.4.0 server to the request. */
export interface ScriptedResponse {
  readonly code?: number;
  readonly opaque?: number;
  readonly remark?: string;
  readonly version?: number;
  readonly extFields?: Readonly<Record<string, string>>;
  readonly body?: Buffer;
}

export type Script = (request: RemotingCommand, socket: Socket) => ScriptedResponse | undefined;

/** One server for name server and broker: what it answers to each request code; nothing to those that have no script. */
export class ScriptedServer {
  readonly requests: RemotingCommand[] = [];
  readonly sockets = new Set<Socket>();
  script: Record<number, Script>;
  private server: Server | undefined;
  private port = 0;

  constructor(script: Record<number, Script> = {}) {
    this.script = script;
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** Listens, where it did before if it did. */
  async start(): Promise<void> {
    this.server = createServer((socket) => {
      this.serve(socket);
    });
    this.server.listen(this.port, '127.0.0.1');
    await once(this.server, 'listening');
    this.port = (this.server.address() as AddressInfo).port;
  }

  /** Ends all connections and takes no more. */
  stop(): void {
    this.server?.close();
    this.dropConnections();
  }

  dropConnections(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  requestsOf(code: number): RemotingCommand[] {
    return this.requests.filter((request) => request.code === code);
  }

  /** Sends to every connection. */
  send(frame: Buffer): void {
    for (const socket of this.sockets) socket.write(frame);
  }

  private serve(socket: Socket): void {
    this.sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => this.sockets.delete(socket));
    const splitter = new FrameSplitter();
    socket.on('data', (chunk) => {
      splitter.push(chunk, (frame) => {
        const request = decodeCommand(frame);
        this.requests.push(request);
        const response = this.script[request.code]?.(request, socket);
        if (response !== undefined) socket.write(responseFrame({ opaque: request.opaque, ...response }));
      });
    });
  }
}

/** What a client needs to become ready: a route to `brokers`, heartbeats, a topic of this type. */
export function wellBehaved(
  topicType = 'MIXED',
  brokers: Record<string, string> = {},
): Record<number, Script> {
  return {
    [RequestCode.GET_ROUTEINFO_BY_TOPIC]: (_request, socket) => ({ body: route(brokers, socket) }),
    [RequestCode.HEART_BEAT]: () => ({}),
    [RequestCode.GET_TOPIC_CONFIG]: () => ({
      body: Buffer.from(JSON.stringify({ attributes: { 'message.type': topicType } })),
    }),
    [RequestCode.UNREGISTER_CLIENT]: () => ({}),
    [RequestCode.SEND_MESSAGE_V2]: () => ({ extFields: SENT }),
    [RequestCode.END_TRANSACTION]: () => ({}),
  };
}

const SENT = {
  msgId: '7F00000100002A9F00000000000000FF',
  queueOffset: '7',
  queueId: '0',
  transactionId: 'tx',
};

/** Without brokers given, the server itself is the only one. */
function route(brokers: Record<string, string>, { localPort }: Socket): Buffer {
  const all = Object.keys(brokers).length > 0 ? brokers : { 'broker-a': `127.0.0.1:${localPort ?? 0}` };
  const brokerDatas = Object.entries(all).map(([brokerName, address]) => ({
    brokerName,
    brokerAddrs: { 0: address },
  }));
  const queueDatas = brokerDatas.map(({ brokerName }) => ({
    brokerName,
    perm: 6,
    readQueueNums: 4,
    writeQueueNums: 4,
  }));
  return Buffer.from(JSON.stringify({ brokerDatas, queueDatas }));
}

export function responseFrame({ body = Buffer.alloc(0), ...header }: ScriptedResponse): Buffer {
  return frameOf({ code: 0, flag: 1, version: 493, language: 'JAVA', ...header }, body);
}

/** A frame with a JSON header. */
export function frameOf(header: object, body: Buffer = Buffer.alloc(0)): Buffer {
  const headerBytes = Buffer.from(JSON.stringify(header));
  const lengths = Buffer.alloc(8);
  lengths.writeUInt32BE(4 + headerBytes.length + body.length, 0);
  lengths.writeUInt32BE(headerBytes.length, 4);
  return Buffer.concat([lengths, headerBytes, body]);
}
