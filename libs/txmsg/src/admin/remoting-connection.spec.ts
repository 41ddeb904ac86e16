import { afterEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { RemotingConnection, RocketmqAdminError, RocketmqAdminTimeoutError } from './remoting-connection.js';

interface Request {
  readonly code: number;
  readonly opaque: number;
  readonly extFields: Record<string, string>;
}

const open: { server: Server; connection: RemotingConnection }[] = [];

async function connectTo(answer: (request: Request, socket: Socket) => void): Promise<RemotingConnection> {
  const server = createServer((socket) => {
    let received = Buffer.alloc(0);
    socket.on('data', (bytes: Buffer) => {
      received = Buffer.concat([received, bytes]);
      // One read may bring several frames, or a part of one.
      while (received.length >= 4 && received.length >= 4 + received.readUInt32BE(0)) {
        const frame = received.subarray(0, 4 + received.readUInt32BE(0));
        received = received.subarray(frame.length);
        answer(JSON.parse(frame.toString('utf8', 8, 8 + frame.readUInt32BE(4))) as Request, socket);
      }
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const connection = new RemotingConnection(`127.0.0.1:${(server.address() as AddressInfo).port}`);
  open.push({ server, connection });
  return connection;
}

function response(header: object, body = ''): Buffer {
  const headerBytes = Buffer.from(JSON.stringify(header));
  const lengths = Buffer.alloc(8);
  lengths.writeUInt32BE(4 + headerBytes.length + body.length, 0);
  lengths.writeUInt32BE(headerBytes.length, 4);
  return Buffer.concat([lengths, headerBytes, Buffer.from(body)]);
}

const noBody = Buffer.alloc(0);
const PATIENT_MS = 60_000;

afterEach(() => {
  for (const { server, connection } of open.splice(0)) {
    connection.close();
    server.close();
  }
});

describe('RemotingConnection', () => {
  it('sends fields as text and returns code, remark and body', async () => {
    const connection = await connectTo(({ opaque, extFields }, socket) => {
      socket.write(response({ code: 17, opaque, remark: 'no such topic', extFields }, 'body'));
    });
    await expect(
      connection.request(105, { topic: 't', queues: 8, order: false }, noBody, PATIENT_MS),
    ).resolves.toEqual({
      code: 17,
      remark: 'no such topic',
      extFields: { topic: 't', queues: '8', order: 'false' },
      body: Buffer.from('body'),
    });
  });

  it('tells answers apart that come late, in pieces and in another order', async () => {
    const waiting: Request[] = [];
    const connection = await connectTo((request, socket) => {
      waiting.push(request);
      if (waiting.length < 2) return;
      const frames = Buffer.concat(waiting.reverse().map(({ code, opaque }) => response({ code, opaque })));
      socket.write(frames.subarray(0, 10));
      setTimeout(() => socket.write(frames.subarray(10)), 10);
    });
    const first = connection.request(1, {}, noBody, PATIENT_MS);
    const second = connection.request(2, {}, noBody, PATIENT_MS);
    expect([(await first).code, (await second).code]).toEqual([1, 2]);
  });

  it('gives up at the deadline', async () => {
    const connection = await connectTo(() => undefined);
    await expect(connection.request(1, {}, noBody, 50)).rejects.toThrow(RocketmqAdminTimeoutError);
  });

  it('fails at once when the other side hangs up, and is not used again', async () => {
    const connection = await connectTo((_, socket) => socket.destroy());
    await expect(connection.request(1, {}, noBody, PATIENT_MS)).rejects.toThrow(RocketmqAdminError);
    expect(connection.usable).toBe(false);
  });

  it('says what an address looks like', () => {
    expect(() => new RemotingConnection('localhost')).toThrow('"localhost" is not an address');
  });
});
