import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ScriptedServer } from '../../test/scripted-server.js';
import { NO_BODY } from '../rocketmq/remoting/remoting-command.js';
import { AdminConnections } from './admin-connections.js';
import { RocketmqAdminError, RocketmqAdminTimeoutError } from './rocketmq-admin.errors.js';

const PATIENT_MS = 60_000;
const ECHO = 1;
const SILENT = 2;
const HANG_UP = 3;

describe('the connections of an administrator', () => {
  let server: ScriptedServer;
  let connections: AdminConnections;

  beforeEach(async () => {
    server = new ScriptedServer({
      [ECHO]: ({ fields }) => ({
        code: 17,
        remark: 'no such topic',
        extFields: fields,
        body: Buffer.from('body'),
      }),
      [SILENT]: () => undefined,
      [HANG_UP]: (_, socket) => {
        socket.destroy();
        return undefined;
      },
    });
    await server.start();
    connections = new AdminConnections(() => ({}), PATIENT_MS);
  });

  afterEach(() => {
    connections.close();
    server.stop();
  });

  it('send fields as text and return code, remark and body', async () => {
    const fields = { topic: 't', queues: 8, order: false };
    await expect(connections.request(server.address, ECHO, fields, NO_BODY)).resolves.toMatchObject({
      code: 17,
      remark: 'no such topic',
      fields: { topic: 't', queues: '8', order: 'false' },
      body: Buffer.from('body'),
    });
  });

  it('are shared by calls to one server', async () => {
    const call = (): Promise<unknown> => connections.request(server.address, ECHO, {}, NO_BODY);
    await Promise.all([call(), call()]);
    await call();
    expect(server.sockets.size).toBe(1);
  });

  it('give up at the deadline', async () => {
    const impatient = new AdminConnections(() => ({}), 50);
    const call = impatient.request(server.address, SILENT, {}, NO_BODY);
    await expect(call).rejects.toThrow(RocketmqAdminTimeoutError);
    impatient.close();
  });

  it('fail at once when the other side hangs up, and are made again', async () => {
    const call = connections.request(server.address, HANG_UP, {}, NO_BODY);
    await expect(call).rejects.toThrow(RocketmqAdminError);
    await expect(connections.request(server.address, ECHO, {}, NO_BODY)).resolves.toMatchObject({ code: 17 });
  });

  it('say what an address looks like', async () => {
    await expect(connections.request('localhost', ECHO, {}, NO_BODY)).rejects.toThrow(
      '"localhost" is not an address',
    );
  });
});
