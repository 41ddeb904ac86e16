import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import {
  BRANCH_STATUS,
  decodeMessage,
  encodeFrame,
  encodeMessage,
  FrameDecoder,
  GLOBAL_STATUSES,
  RESPONSES,
  type Frame,
  type GlobalStatus,
  type Message,
  type MessageOf,
  type Request,
} from '../src/wire/index.js';

/** What the fake does with a request: answers it, says nothing, closes the connection, or sends these bytes. */
export type FakeAnswer = Message | 'SILENCE' | 'CLOSE' | Buffer;
/** undefined: as a coordinator does. */
export type FakeScript = (request: Message) => FakeAnswer | undefined | Promise<FakeAnswer | undefined>;

interface Connection {
  readonly socket: Socket;
  readonly waiting: Map<number, (answer: Message) => void>;
  role?: 'TM' | 'RM';
  resourceIds: readonly string[];
}

interface FakeTransaction {
  status: GlobalStatus;
  readonly branches: MessageOf<'BranchCommit'>[];
}

const OK = { ok: true, message: '', exceptionCode: 0 };
const NOT_EXIST = { ok: false, message: 'no such global transaction', exceptionCode: 10 };
const CONFLICT = { ok: false, message: 'the lock is held', exceptionCode: 2 };

function isRequest(message: Message): message is Request {
  return message.type in RESPONSES;
}

/** A coordinator in this process that speaks the real protocol over TCP, keeps everything in memory, and can be told to misbehave. */
export class FakeCoordinator {
  /** Every message that came, in order. */
  readonly received: Message[] = [];
  /** How many chunks of bytes came. */
  chunks = 0;
  script: FakeScript = () => undefined;
  answersPings = true;
  /** What it says that it is. */
  version = '2.0.0';
  private server: Server | undefined;
  private port = 0;
  private readonly connections = new Set<Connection>();
  private readonly transactions = new Map<string, FakeTransaction>();
  private readonly locks = new Map<string, string>();
  private lastId = 9_007_199_254_740_993n;

  static async start(): Promise<FakeCoordinator> {
    const fake = new FakeCoordinator();
    await fake.listen();
    return fake;
  }

  get address(): { readonly host: string; readonly port: number } {
    return { host: '127.0.0.1', port: this.port };
  }

  /** Those that have registered. */
  get roles(): string[] {
    return [...this.connections].flatMap(({ role }) => role ?? []).sort();
  }

  statusOf(xid: string): GlobalStatus | undefined {
    return this.transactions.get(xid)?.status;
  }

  of<T extends Message['type']>(type: T): MessageOf<T>[] {
    return this.received.filter((message): message is MessageOf<T> & Message => message.type === type);
  }

  /** On the same port as before. */
  async listen(): Promise<void> {
    this.server = createServer((socket) => {
      this.serve(socket);
    });
    this.server.listen(this.port, '127.0.0.1');
    await once(this.server, 'listening');
    this.port = (this.server.address() as AddressInfo).port;
  }

  /** As a crash does: every connection ends, and nobody listens. What it knows stays, unless it forgets it. */
  async stop(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    this.closeConnections();
    if (server !== undefined) await new Promise((resolve) => server.close(resolve));
  }

  forget(): void {
    this.transactions.clear();
    this.locks.clear();
  }

  closeConnections(): void {
    for (const { socket } of this.connections) socket.destroy();
  }

  /** Sends these bytes to everyone who is connected. */
  send(bytes: Buffer): void {
    for (const { socket } of this.connections) socket.write(bytes);
  }

  /** Asks the process that serves the resource; rejects when there is none. */
  async ask(request: MessageOf<'BranchCommit' | 'BranchRollback'>): Promise<Message> {
    const connection = [...this.connections].find(
      ({ role, resourceIds }) => role === 'RM' && resourceIds.includes(request.resourceId),
    );
    if (connection === undefined) throw new Error(`nobody serves ${request.resourceId}`);
    const id = Number((this.lastId += 1n) % 1_000_000n);
    const answer = new Promise<Message>((resolve) => connection.waiting.set(id, resolve));
    connection.socket.write(encodeFrame({ kind: 'REQUEST', id, body: encodeMessage(request) }));
    return answer;
  }

  private serve(socket: Socket): void {
    const connection: Connection = { socket, waiting: new Map(), resourceIds: [] };
    this.connections.add(connection);
    const decoder = new FrameDecoder();
    socket.on('error', () => undefined);
    socket.on('close', () => this.connections.delete(connection));
    socket.on('data', (chunk: Buffer) => {
      this.chunks += 1;
      for (const frame of decoder.push(chunk)) void this.receive(connection, frame);
    });
  }

  private async receive(connection: Connection, { kind, id, body }: Frame): Promise<void> {
    const { socket, waiting } = connection;
    if (kind === 'PING') {
      if (this.answersPings) socket.write(encodeFrame({ kind: 'PONG', id, body: Buffer.alloc(0) }));
      return;
    }
    if (kind === 'PONG') return;
    const message = decodeMessage(body);
    this.received.push(message);
    if (kind === 'RESPONSE') {
      waiting.get(id)?.(message);
      return;
    }
    const answer = (await this.script(message)) ?? (await this.answer(connection, message));
    if (answer === 'SILENCE') return;
    if (answer === 'CLOSE') socket.destroy();
    else if (Buffer.isBuffer(answer)) socket.write(answer);
    else if (!socket.destroyed)
      socket.write(encodeFrame({ kind: 'RESPONSE', id, body: encodeMessage(answer) }));
  }

  private async answer(connection: Connection, request: Message): Promise<FakeAnswer> {
    if (!isRequest(request)) return 'SILENCE';
    switch (request.type) {
      case 'BranchCommit':
      case 'BranchRollback':
        return 'SILENCE';
      case 'RegisterTm':
        connection.role = 'TM';
        return { type: 'RegisterTmResponse', ok: 1, version: this.version };
      case 'RegisterRm':
        connection.role = 'RM';
        connection.resourceIds = request.resourceIds.split(',');
        return { type: 'RegisterRmResponse', ok: 1, version: this.version };
      case 'Begin': {
        const xid = `10.0.0.1:8091:${(this.lastId += 1n)}`;
        this.transactions.set(xid, { status: 'Begin', branches: [] });
        return { type: 'BeginResponse', result: OK, xid, extraData: '' };
      }
      case 'BranchRegister':
        return this.registerBranch(request);
      case 'BranchReport':
        return { type: 'BranchReportResponse', result: OK };
      case 'LockQuery': {
        const isFree = this.keysOf(request).every((key) =>
          [undefined, request.xid].includes(this.locks.get(key)),
        );
        return { type: 'LockQueryResponse', result: OK, lockable: isFree ? 1 : 0 };
      }
      case 'Status':
        return { type: 'StatusResponse', result: OK, globalStatus: this.codeOf(request.xid) };
      case 'Commit':
      case 'Rollback':
        await this.end(request);
        return { type: `${request.type}Response`, result: OK, globalStatus: this.codeOf(request.xid) };
    }
  }

  private registerBranch(request: MessageOf<'BranchRegister'>): Message {
    const transaction = this.transactions.get(request.xid);
    if (transaction?.status !== 'Begin') {
      return { type: 'BranchRegisterResponse', result: NOT_EXIST, branchId: 0n };
    }
    const keys = this.keysOf(request);
    if (keys.some((key) => ![undefined, request.xid].includes(this.locks.get(key)))) {
      return { type: 'BranchRegisterResponse', result: CONFLICT, branchId: 0n };
    }
    for (const key of keys) this.locks.set(key, request.xid);
    const branchId = (this.lastId += 1n);
    const { xid, branchType, resourceId, applicationData } = request;
    transaction.branches.push({
      type: 'BranchCommit',
      xid,
      branchId,
      branchType,
      resourceId,
      applicationData,
    });
    return { type: 'BranchRegisterResponse', result: OK, branchId };
  }

  /** Once each branch, in the order in which 1.8.0 does; a branch that does not answer DONE leaves the transaction retrying. */
  private async end({ type, xid }: MessageOf<'Commit' | 'Rollback'>): Promise<void> {
    const transaction = this.transactions.get(xid);
    if (transaction?.status !== 'Begin') return;
    const commits = type === 'Commit';
    transaction.status = commits ? 'Committing' : 'Rollbacking';
    const done = commits ? BRANCH_STATUS.COMMITTED : BRANCH_STATUS.ROLLED_BACK;
    const branches = commits ? transaction.branches : [...transaction.branches].reverse();
    let isDone = true;
    for (const branch of branches) {
      const request = { ...branch, type: commits ? 'BranchCommit' : 'BranchRollback' } as const;
      const answer = await this.ask(request).catch(() => undefined);
      isDone &&= answer !== undefined && 'branchStatus' in answer && answer.branchStatus === done;
    }
    for (const [key, holder] of this.locks) if (holder === xid) this.locks.delete(key);
    const ended = commits ? 'Committed' : 'Rollbacked';
    const retrying = commits ? 'CommitRetrying' : 'RollbackRetrying';
    transaction.status = isDone ? ended : retrying;
  }

  private codeOf(xid: string): number {
    return GLOBAL_STATUSES.indexOf(this.statusOf(xid) ?? 'Finished');
  }

  private keysOf({ resourceId, lockKey }: MessageOf<'LockQuery' | 'BranchRegister'>): string[] {
    return lockKey.split(';').flatMap((table) => {
      const [name, keys = ''] = table.split(':');
      return keys === '' ? [] : keys.split(',').map((key) => `${resourceId} ${name} ${key}`);
    });
  }
}
