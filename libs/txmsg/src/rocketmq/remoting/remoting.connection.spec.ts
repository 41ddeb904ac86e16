import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Socket } from 'node:net';
import { eventually } from '../../testing/eventually.js';
import { handlesBeyond, openHandles } from '../../../test/open-handles.js';
import { NO_BODY, type RemotingCommand } from './remoting-command.js';
import { RemotingConnection, type ConnectionEvents, type ConnectionSecurity } from './remoting.connection.js';
import { ConnectionBusyError, ConnectionLostError, RequestTimeoutError } from './remoting.errors.js';
import { frameOf, responseFrame, ScriptedServer } from '../../../test/scripted-server.js';

const PATIENT_MS = 30_000;
const ECHO = 1;
const SILENT = 2;
const STRANGE = 3;

describe('a remoting connection', () => {
  let server: ScriptedServer;
  let connections: RemotingConnection[];

  beforeEach(async () => {
    connections = [];
    server = new ScriptedServer({
      [ECHO]: ({ fields, body }) => ({ extFields: fields, body }),
      [SILENT]: () => undefined,
    });
    await server.start();
  });

  afterEach(() => {
    for (const connection of connections) connection.close();
    server.stop();
  });

  async function connect(
    events: ConnectionEvents = {},
    security: ConnectionSecurity = {},
    requestsMax?: number,
  ): Promise<RemotingConnection> {
    const connection = new RemotingConnection(server.address, security, events, requestsMax);
    connections.push(connection);
    await connection.open(PATIENT_MS);
    return connection;
  }

  const echo = (connection: RemotingConnection, text: string): Promise<RemotingCommand> =>
    connection.request(ECHO, { text }, Buffer.from(text), PATIENT_MS);

  it('matches responses with requests, in whatever order they come', async () => {
    const waiting: (readonly [RemotingCommand, Socket])[] = [];
    server.script[SILENT] = (request, socket) => {
      waiting.push([request, socket]);
      return undefined;
    };
    const connection = await connect();
    const answers = ['a', 'b', 'c'].map((text) => connection.request(SILENT, { text }, NO_BODY, PATIENT_MS));
    await eventually(() => waiting.length === 3);
    for (const [{ opaque, fields }, socket] of waiting.reverse()) {
      socket.write(responseFrame({ opaque, extFields: fields }));
    }
    expect((await Promise.all(answers)).map(({ fields }) => fields.text)).toEqual(['a', 'b', 'c']);
  });

  it('drops a response to nothing that was asked, and goes on', async () => {
    server.script[STRANGE] = ({ opaque }, socket) => {
      socket.write(responseFrame({ opaque: opaque + 1_000 }));
      return undefined;
    };
    const connection = await connect();
    const strange = connection.request(STRANGE, {}, NO_BODY, 100);
    await expect(strange).rejects.toThrow(RequestTimeoutError);
    expect((await echo(connection, 'still here')).body.toString()).toBe('still here');
  });

  it('gives up at the deadline of each request, without a timer for each', async () => {
    const connection = await connect();
    const before = openHandles();
    const late = connection.request(SILENT, {}, NO_BODY, PATIENT_MS);
    late.catch(() => undefined);
    const hanging = Array.from({ length: 100 }, () => connection.request(SILENT, {}, NO_BODY, 60));
    expect(handlesBeyond(before).Timeout ?? 0).toBeLessThanOrEqual(1);
    for (const one of await Promise.allSettled(hanging)) {
      expect(one).toMatchObject({ status: 'rejected', reason: expect.any(RequestTimeoutError) });
    }
    expect((await echo(connection, 'x')).body.toString()).toBe('x');
  });

  it('drops the response that comes after the deadline', async () => {
    let answer = (): void => undefined;
    server.script[SILENT] = ({ opaque }, socket) => {
      answer = () => socket.write(responseFrame({ opaque }));
      return undefined;
    };
    const connection = await connect();
    await expect(connection.request(SILENT, {}, NO_BODY, 50)).rejects.toThrow(RequestTimeoutError);
    answer();
    expect((await echo(connection, 'next')).body.toString()).toBe('next');
  });

  it('fails all requests under way when it is lost in the middle of a response', async () => {
    server.script[STRANGE] = ({ opaque }, socket) => {
      const frame = responseFrame({ opaque, body: Buffer.alloc(100) });
      socket.end(frame.subarray(0, frame.length - 10));
      return undefined;
    };
    const onLost = jest.fn();
    const connection = await connect({ onLost });
    const requests = [SILENT, SILENT, STRANGE].map((code) =>
      connection.request(code, {}, NO_BODY, PATIENT_MS),
    );
    for (const one of await Promise.allSettled(requests)) {
      expect(one).toMatchObject({ status: 'rejected', reason: expect.any(ConnectionLostError) });
    }
    expect(onLost).toHaveBeenCalledTimes(1);
    expect(connection.isUsable).toBe(false);
    await expect(echo(connection, 'x')).rejects.toThrow(ConnectionLostError);
  });

  it.each([
    ['an oversized frame', Buffer.from([0x7f, 0xff, 0xff, 0xff, 0, 0, 0, 0])],
    ['a frame of no length', Buffer.alloc(4)],
    ['a header that is no JSON', Buffer.from([0, 0, 0, 6, 0, 0, 0, 2, 0x7b, 0x78])],
    ['the greeting of another protocol', Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')],
  ])('is lost when the server sends %s', async (_what, bytes) => {
    const onLost = jest.fn();
    const connection = await connect({ onLost });
    const request = connection.request(SILENT, {}, NO_BODY, PATIENT_MS);
    server.send(bytes);
    await expect(request).rejects.toThrow("does not speak RocketMQ's remoting protocol");
    expect(onLost).toHaveBeenCalledTimes(1);
  });

  it('sends what one turn of the event loop made in one write', async () => {
    const chunks: number[] = [];
    const connection = await connect();
    const [socket] = await eventually(() => server.sockets.size === 1 && [...server.sockets]);
    socket?.prependListener('data', (chunk: Buffer) => chunks.push(chunk.length));
    await Promise.all(Array.from({ length: 100 }, (_, index) => echo(connection, `m${index}`)));
    expect(server.requestsOf(ECHO)).toHaveLength(100);
    expect(chunks.length).toBeLessThan(10);
  });

  it('refuses requests beyond its limit, and takes more when there is room', async () => {
    const connection = await connect({}, {}, 10);
    const hanging = Array.from({ length: 10 }, () => connection.request(SILENT, {}, NO_BODY, 200));
    await expect(echo(connection, 'x')).rejects.toThrow(ConnectionBusyError);
    await Promise.allSettled(hanging);
    expect((await echo(connection, 'x')).body.toString()).toBe('x');
    expect(server.requestsOf(ECHO)).toHaveLength(1);
  });

  it('refuses requests when the server takes no bytes, keeps what it took on, and sends it in the end', async () => {
    const connection = await connect();
    const [socket] = await eventually(() => server.sockets.size === 1 && [...server.sockets]);
    socket?.pause();
    const megabyte = Buffer.alloc(1024 * 1024);
    const sent: Promise<RemotingCommand>[] = [];
    const send = async (): Promise<void> => {
      const one = connection.request(ECHO, {}, megabyte, PATIENT_MS);
      const busy = await Promise.race([
        one.then(
          () => false,
          () => true,
        ),
        new Promise<boolean>((resolve) => setImmediate(resolve, false)),
      ]);
      if (busy) await expect(one).rejects.toThrow(ConnectionBusyError);
      else sent.push(one);
      return busy ? undefined : send();
    };
    await send();
    expect(sent.length).toBeGreaterThan(32);
    expect(sent.length).toBeLessThan(100);
    socket?.resume();
    for (const { body } of await Promise.all(sent)) expect(body.length).toBe(megabyte.length);
  });

  it('signs every request when it has a user', async () => {
    const connection = await connect({}, { credentials: { accessKey: 'clientA', accessSecret: 's' } });
    await echo(connection, 'x');
    expect(server.requestsOf(ECHO)[0]?.fields).toMatchObject({
      text: 'x',
      AccessKey: 'clientA',
      Signature: expect.stringMatching(/^[A-Za-z0-9+/]{27}=$/),
    });
  });

  it("passes the server's questions on, and refuses those that nobody understands", async () => {
    const asked: number[] = [];
    await connect({
      onRequest: ({ code }) => {
        asked.push(code);
        return code === 39;
      },
    });
    await eventually(() => server.sockets.size === 1);
    for (const [opaque, code] of [39, 40].entries()) server.send(frameOf({ code, flag: 2, opaque }));
    server.send(frameOf({ code: 307, flag: 0, opaque: 77 }));
    await eventually(() => server.requests.length === 1);
    expect(asked).toEqual([39, 40, 307]);
    expect(server.requests[0]).toMatchObject({ code: 3, flag: 1, opaque: 77 });
  });

  it('leaves nothing behind when it is closed with requests under way', async () => {
    const before = openHandles();
    const connection = new RemotingConnection(server.address);
    await connection.open(PATIENT_MS);
    const request = connection.request(SILENT, {}, NO_BODY, PATIENT_MS);
    connection.close();
    await expect(request).rejects.toThrow(ConnectionLostError);
    await eventually(() => {
      expect(handlesBeyond(before)).toEqual({});
    });
  });

  it('says what it may be when the server closes connections without a word', async () => {
    server.script[STRANGE] = (_request, socket) => {
      socket.end();
      return undefined;
    };
    const connection = await connect();
    await expect(connection.request(STRANGE, {}, NO_BODY, PATIENT_MS)).rejects.toThrow('does it want TLS?');
  });

  it('says why it could not be opened', async () => {
    server.stop();
    const refused = new RemotingConnection(server.address);
    await expect(refused.open(PATIENT_MS)).rejects.toThrow('ECONNREFUSED');
    expect(() => new RemotingConnection('localhost')).toThrow('"localhost" is not an address');
  });
});
