import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { Deadline } from 'txmsg';
import { FakeCoordinator } from '../../test/fake-coordinator.js';
import { until } from '../../test/until.js';
import {
  CoordinatorTimeoutError,
  CoordinatorUnavailableError,
  MessageNotEncodableError,
} from '../errors/index.js';
import { encodeFrame, encodeMessage, type Message } from '../wire/index.js';
import { CoordinatorChannels } from './coordinator.channels.js';
import type { Liveness } from './coordinator.connection.js';

const begin = { type: 'Begin', timeoutMs: 60_000, name: 'n' } as const;
const soon = (): Deadline => Deadline.in(5000);

describe('the connections to the coordinator', () => {
  let coordinator: FakeCoordinator;
  let channels: CoordinatorChannels;
  let resourceIds: string[];
  let warn: jest.Spied<Logger['warn']>;

  const connect = (
    liveness?: Liveness,
    callsMax = 100,
    onRequest = (): undefined => undefined,
  ): CoordinatorChannels => {
    const settings = {
      ...{
        server: coordinator.address,
        serverSetting: 'SEATA',
        applicationId: 'app',
        txServiceGroup: 'group',
      },
      ...{ callTimeoutMs: 1000, reconnectMinMs: 10, reconnectMaxMs: 50, callsMax },
    };
    channels = new CoordinatorChannels(settings, { resourceIds: () => resourceIds, onRequest }, liveness);
    channels.start();
    return channels;
  };

  beforeEach(async () => {
    warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
    jest.spyOn(Logger.prototype, 'log').mockImplementation(() => undefined);
    resourceIds = ['a', 'b'];
    coordinator = await FakeCoordinator.start();
  });
  afterEach(async () => {
    await channels.stop(1000);
    await coordinator.stop();
    jest.restoreAllMocks();
  });

  it('are registered, as TM and with every resource as RM, before anything else is sent', async () => {
    await connect().ready(soon());
    expect(channels.notReady()).toEqual([]);
    const identity = { version: '1.8.0', applicationId: 'app', txServiceGroup: 'group', extraData: '' };
    expect(coordinator.of('RegisterTm')).toEqual([{ type: 'RegisterTm', ...identity }]);
    expect(coordinator.of('RegisterRm')).toEqual([{ type: 'RegisterRm', ...identity, resourceIds: 'a,b' }]);
    expect(await channels.tm.call(begin, soon())).toMatchObject({ result: { ok: true } });
  });

  it('need no RM without resources, and tell of resources that come later', async () => {
    resourceIds = [];
    await connect().ready(soon());
    expect([channels.notReady(), coordinator.roles]).toEqual([[], ['TM']]);
    for (const expected of ['x', 'x,y']) {
      resourceIds = expected.split(',');
      channels.rm.registerAgain();
      await until(() => coordinator.of('RegisterRm').at(-1)?.resourceIds === expected);
    }
    expect(await channels.rm.ready(soon())).toBe(true);
    expect(coordinator.roles).toEqual(['RM', 'TM']);
  });

  it('tell of a resource that comes while they are being registered', async () => {
    coordinator.script = ({ type }) => {
      if (type === 'RegisterRm' && !resourceIds.includes('c')) resourceIds.push('c');
      return undefined;
    };
    await connect().ready(soon());
    expect(coordinator.of('RegisterRm').map((message) => message.resourceIds)).toEqual(['a,b', 'a,b,c']);
  });

  it('end a call that is not answered by its deadline as unknown, and ignore an answer that comes too late', async () => {
    await connect().ready(soon());
    coordinator.script = ({ type }) => (type === 'Begin' ? 'SILENCE' : undefined);
    const call = channels.tm.call(begin, Deadline.in(30));
    await expect(call).rejects.toThrow(CoordinatorTimeoutError);
    const late: Message = {
      type: 'CommitResponse',
      result: { ok: true, message: '', exceptionCode: 0 },
      globalStatus: 9,
    };
    coordinator.send(encodeFrame({ kind: 'RESPONSE', id: 2, body: encodeMessage(late) }));
    coordinator.script = () => undefined;
    expect(await channels.tm.call(begin, soon())).toMatchObject({ result: { ok: true } });
  });

  it('do not send a call without a connection, or after its deadline', async () => {
    await coordinator.stop();
    connect();
    await expect(channels.tm.call(begin, soon())).rejects.toThrow(CoordinatorUnavailableError);
    expect(channels.notReady()).toEqual(['TM', 'RM']);
    await coordinator.listen();
    await channels.ready(soon());
    await expect(channels.tm.call(begin, Deadline.in(0))).rejects.toThrow(CoordinatorUnavailableError);
    await expect(channels.tm.call({ ...begin, name: 'n'.repeat(40_000) }, soon())).rejects.toThrow(
      MessageNotEncodableError,
    );
    expect(coordinator.of('Begin')).toEqual([]);
  });

  it('end calls that are under way when the connection is lost as unknown, and are made and registered again', async () => {
    await connect().ready(soon());
    coordinator.script = ({ type }) => (type === 'Begin' ? 'CLOSE' : undefined);
    await expect(channels.tm.call(begin, soon())).rejects.toThrow(CoordinatorTimeoutError);
    coordinator.script = () => undefined;
    await until(() => coordinator.of('RegisterTm').length === 2 && channels.tm.isReady);
    coordinator.closeConnections();
    await until(() => coordinator.of('RegisterTm').length >= 3 && coordinator.of('RegisterRm').length === 2);
    await channels.ready(soon());
    expect(coordinator.of('RegisterRm').at(-1)?.resourceIds).toBe('a,b');
    expect(await channels.tm.call(begin, soon())).toMatchObject({ result: { ok: true } });
  });

  it('name the address that was tried, and the setting that it comes from', async () => {
    const { port } = coordinator.address;
    const place = `127.0.0.1:${port} (SEATA)`;
    await connect().ready(soon());
    coordinator.script = ({ type }) => (type === 'Begin' ? 'SILENCE' : undefined);
    await expect(channels.tm.call(begin, Deadline.in(30))).rejects.toThrow(
      `no answer came from ${place} within`,
    );
    coordinator.script = ({ type }) => (type === 'Begin' ? 'CLOSE' : undefined);
    await expect(channels.tm.call(begin, soon())).rejects.toThrow(`the connection to ${place} ended before`);
    await coordinator.stop();
    await until(() => channels.notReady().length === 2);
    await expect(channels.tm.call(begin, soon())).rejects.toThrow(
      `the TM's connection to ${place} is not there (`,
    );
    await until(() => warn.mock.calls.length >= 4);
    for (const [entry] of warn.mock.calls) expect(entry).toMatchObject({ server: place });
  });

  it('come back when the coordinator does, and say once that it is away', async () => {
    await connect().ready(soon());
    await coordinator.stop();
    await until(() => channels.notReady().length === 2);
    await until(() => warn.mock.calls.length >= 4);
    await coordinator.listen();
    await channels.ready(soon());
    expect(channels.notReady()).toEqual([]);
    // For each of both: lost, then refused.
    expect(warn).toHaveBeenCalledTimes(4);
  });

  it('are not ready while the coordinator refuses to register them, and try again', async () => {
    coordinator.script = ({ type }) =>
      type === 'RegisterTm' ? { type: 'RegisterTmResponse', ok: 0, version: '0.1' } : undefined;
    connect();
    await until(() => coordinator.of('RegisterTm').length >= 3);
    expect(channels.tm.isReady).toBe(false);
    coordinator.script = () => undefined;
    expect(await channels.tm.ready(soon())).toBe(true);
  });

  it.each<[string, Buffer]>([
    ['what is no frame', Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')],
    ['a frame that is too long', Buffer.from('dada0100800001001001010000000001', 'hex')],
    [
      'a message of an unknown type',
      encodeFrame({ kind: 'REQUEST', id: 1, body: Buffer.from('7fff', 'hex') }),
    ],
    [
      'a request that a coordinator does not make',
      encodeFrame({ kind: 'REQUEST', id: 1, body: encodeMessage(begin) }),
    ],
  ])('are closed and made again after %s', async (_name, bytes) => {
    await connect().ready(soon());
    coordinator.script = ({ type }) => (type === 'Begin' ? bytes : undefined);
    await expect(channels.tm.call(begin, soon())).rejects.toThrow(CoordinatorTimeoutError);
    coordinator.script = () => undefined;
    await until(() => channels.tm.isReady);
    expect(await channels.tm.call(begin, soon())).toMatchObject({ result: { ok: true } });
  });

  it('are closed when an answer belongs to another question', async () => {
    await connect().ready(soon());
    coordinator.script = ({ type }) =>
      type === 'Begin' ? { type: 'RegisterTmResponse', ok: 1, version: '' } : undefined;
    await expect(channels.tm.call(begin, soon())).rejects.toThrow(
      /a RegisterTmResponse in answer to a Begin/,
    );
  });

  it('say that they live, and are made again when the coordinator is silent', async () => {
    await connect({ pingIntervalMs: 50, silenceMaxMs: 2000 }).ready(soon());
    const quietUntil = performance.now() + 3000;
    await until(() => performance.now() > quietUntil);
    expect(coordinator.of('RegisterTm')).toHaveLength(1);
    coordinator.answersPings = false;
    await until(() => coordinator.of('RegisterTm').length >= 2);
  });

  it('send what is called in one turn in one write', async () => {
    resourceIds = [];
    await connect().ready(soon());
    const before = coordinator.chunks;
    await Promise.all(Array.from({ length: 50 }, () => channels.tm.call(begin, soon())));
    expect(coordinator.of('Begin')).toHaveLength(50);
    expect(coordinator.chunks - before).toBe(1);
  });

  it('do not send more calls than may wait', async () => {
    await connect(undefined, 2).ready(soon());
    coordinator.script = ({ type }) => (type === 'Begin' ? 'SILENCE' : undefined);
    const waiting = [1, 2].map(() =>
      channels.tm.call(begin, Deadline.in(50)).catch((error: unknown) => error),
    );
    await expect(channels.tm.call(begin, soon())).rejects.toThrow(/2 calls are waiting/);
    expect(await Promise.all(waiting)).toEqual([1, 2].map(() => expect.any(CoordinatorTimeoutError)));
    coordinator.script = () => undefined;
    expect(await channels.tm.call(begin, soon())).toMatchObject({ result: { ok: true } });
  });

  it('leave nothing behind when they are stopped, connected or not, and make no other', async () => {
    await connect().ready(soon());
    coordinator.script = ({ type }) => (type === 'Begin' ? 'SILENCE' : undefined);
    const call = channels.tm.call(begin, soon());
    const stopped = channels.stop(1000);
    await expect(call).rejects.toThrow(CoordinatorTimeoutError);
    await stopped;
    await until(() => coordinator.roles.length === 0);
    await coordinator.stop();
    const away = connect();
    await away.stop(1000);
    await until(() => !process.getActiveResourcesInfo().some((name) => name.startsWith('TCP')));
    await expect(away.tm.call(begin, soon())).rejects.toThrow(CoordinatorUnavailableError);
  });
});
