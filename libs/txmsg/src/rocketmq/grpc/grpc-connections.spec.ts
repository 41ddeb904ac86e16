import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { status } from '@grpc/grpc-js';
import definition from 'rocketmq-client-nodejs/proto/apache/rocketmq/v2/definition_pb.js';
import service from 'rocketmq-client-nodejs/proto/apache/rocketmq/v2/service_pb.js';
import { eventually } from '../../testing/eventually.js';
import { settingsOf } from './client-options.js';
import type { WireMessage } from './client-protocol.js';
import { ConsumerClient } from './consumer.client.js';
import { ScriptedProxy, statusOf, wireMessage } from '../../../test/scripted-proxy.js';
import { TcpRelay } from '../../../test/tcp-relay.js';
import { SILENT_LOGGER } from '../../../test/test-broker.js';

jest.setTimeout(180_000);

class RouteWatcher extends ConsumerClient {
  lookUpRouteAgain(): Promise<void> {
    return this.updateRoutes();
  }
}

describe('the connections of a client', () => {
  let proxy: ScriptedProxy;
  let lost: Error[];
  let client: ConsumerClient;
  let relay: TcpRelay | undefined;

  beforeEach(async () => {
    proxy = new ScriptedProxy();
    await proxy.start();
    lost = [];
    const settings = settingsOf({ endpoints: proxy.endpoints, logger: SILENT_LOGGER });
    client = new ConsumerClient(
      't',
      'g',
      settings.clientOptions((cause) => lost.push(cause)),
    );
    await client.startup();
  });

  afterEach(async () => {
    await client.shutdown();
    relay?.close();
    relay = undefined;
    proxy.stop();
  });

  const poll = (onMessage: (message: WireMessage) => void = () => undefined, awaitMs = 5_000) => {
    const [queue] = client.brokersOf('t', 'READ');
    if (!queue) throw new Error('no route');
    return client.poll(queue, { messagesMax: 32, awaitMs, invisibleMs: 10_000 }, (message) => {
      onMessage(message);
      return message;
    });
  };
  const nextReceive = () => eventually(() => proxy.waitingReceives.shift() ?? false);
  const respond = (message: InstanceType<typeof definition.Message>) =>
    new service.ReceiveMessageResponse().setMessage(message);

  it('keep what a poll had brought before it failed', async () => {
    const polled = poll();
    const call = await nextReceive();
    call.write(new service.ReceiveMessageResponse().setStatus(statusOf()));
    call.write(respond(wireMessage('t', 'm1', Buffer.from('x'))));
    call.emit('error', { code: status.UNAVAILABLE });
    expect((await polled).map((message) => message.getSystemProperties()?.getMessageId())).toEqual(['m1']);
  });

  it('hand each message on as it arrives: together they may be more than there is room for', async () => {
    const sizes: number[] = [];
    const polled = poll((message) => sizes.push(message.getBody_asU8().length));
    const call = await nextReceive();
    for (let count = 1; count <= 3; count++) {
      call.write(respond(wireMessage('t', `m${count}`, Buffer.alloc(4_000_000))));
      await eventually(() => sizes.length === count);
    }
    call.end();
    expect(await polled).toHaveLength(3);
    expect(sizes).toEqual([4_000_000, 4_000_000, 4_000_000]);
  });

  it('take an answer of up to 16 MB, and none beyond that', async () => {
    const limit = 16 * 1024 * 1024;
    const sizes: number[] = [];
    const receive = async (bytes: number): Promise<unknown> => {
      const polled = poll((message) => sizes.push(message.getBody_asU8().length), 120_000);
      const failure = polled.then(
        () => undefined,
        (error: unknown) => error,
      );
      const call = await nextReceive();
      call.write(respond(wireMessage('t', `of-${bytes}`, Buffer.alloc(bytes))));
      call.end();
      return failure;
    };
    // Beside its body an answer has a few hundred bytes.
    const fits = limit - 1024;
    expect(await receive(fits)).toBeUndefined();
    expect(await receive(limit)).toMatchObject({ code: status.RESOURCE_EXHAUSTED });
    expect(sizes).toEqual([fits]);
  });

  it('end every open call when they are closed', async () => {
    const polled = poll();
    await nextReceive();
    client.terminate();
    await expect(polled).rejects.toMatchObject({ code: status.CANCELLED });
    await expect(poll()).rejects.toThrow('closed');
  });

  it('are lost when the proxy does not know the client any more', async () => {
    proxy.script.heartbeat = (_call, answer) => {
      const forgotten = statusOf(definition.Code.UNRECOGNIZED_CLIENT_TYPE, 'cannot find client settings');
      answer(null, new service.HeartbeatResponse().setStatus(forgotten));
    };
    await client.connections.heartbeat(client.getEndpoints(), new service.HeartbeatRequest(), 60_000);
    expect(lost.map(({ message }) => message)).toEqual([
      'the proxy refused the heartbeat: 40015 cannot find client settings',
    ]);
  });

  it('are lost when the broker refuses their user, whichever call it is', async () => {
    const refusal = statusOf(definition.Code.UNAUTHORIZED, 'check signature failed.');
    proxy.script.heartbeat = (_call, answer) => {
      answer(null, new service.HeartbeatResponse().setStatus(refusal));
    };
    await client.connections.heartbeat(client.getEndpoints(), new service.HeartbeatRequest(), 60_000);
    proxy.script.receiveMessage = (call) => {
      call.write(new service.ReceiveMessageResponse().setStatus(refusal));
      call.end();
    };
    await expect(poll()).rejects.toMatchObject({ code: definition.Code.UNAUTHORIZED });
    const words = expect.stringContaining('check signature failed.');
    expect(lost.map(({ message }) => message)).toEqual([words, words]);
  });

  it('are lost after three calls in a row without an answer, and only then', async () => {
    const { heartbeat } = proxy.script;
    const beat = () =>
      client.connections.heartbeat(client.getEndpoints(), new service.HeartbeatRequest(), 50);
    proxy.script.heartbeat = () => undefined;
    for (let times = 0; times < 2; times++) await expect(beat()).rejects.toMatchObject({ code: 4 });
    proxy.script.heartbeat = heartbeat;
    await client.connections.heartbeat(client.getEndpoints(), new service.HeartbeatRequest(), 60_000);
    proxy.script.heartbeat = () => undefined;
    for (let times = 0; times < 2; times++) await expect(beat()).rejects.toMatchObject({ code: 4 });
    expect(lost).toEqual([]);
    for (let times = 0; times < 2; times++) await expect(beat()).rejects.toMatchObject({ code: 4 });
    expect(lost).toHaveLength(1);
  });

  it('stay the same, however often the route is looked up', async () => {
    relay = new TcpRelay(Number(proxy.endpoints.split(':')[1]));
    const port = await relay.listen();
    proxy.announcedPort = port;
    const settings = settingsOf({ endpoints: `127.0.0.1:${port}`, logger: SILENT_LOGGER });
    const relayed = new RouteWatcher(
      't',
      'g',
      settings.clientOptions(() => undefined),
    );
    try {
      await relayed.startup();
      for (let times = 0; times < 3; times++) {
        await relayed.lookUpRouteAgain();
        const [queue] = relayed.brokersOf('t', 'READ');
        if (!queue) throw new Error('no route');
        await relayed.connections.heartbeat(queue.broker.endpoints, new service.HeartbeatRequest(), 60_000);
      }
      expect(relay.established).toBe(1);
    } finally {
      await relayed.shutdown();
    }
  });

  it('sign every call when there are credentials', async () => {
    const authorizations: string[] = [];
    const { queryRoute } = proxy.script;
    proxy.script.queryRoute = (call, answer) => {
      authorizations.push(String(call.metadata.get('authorization')));
      queryRoute(call, answer);
    };
    const credentials = { accessKey: 'key', accessSecret: 'secret' };
    const settings = settingsOf({ endpoints: proxy.endpoints, logger: SILENT_LOGGER, credentials });
    const signing = new ConsumerClient(
      't',
      'g',
      settings.clientOptions(() => undefined),
    );
    await signing.startup();
    await signing.shutdown();
    expect(authorizations[0]).toMatch(/^MQv2-HMAC-SHA1 Credential=key, .*Signature=[0-9A-F]{40}$/);
  });

  it('are not lost by a refusal, which is an answer', async () => {
    proxy.script.heartbeat = (_call, answer) => {
      answer({ code: status.PERMISSION_DENIED });
    };
    const beat = () =>
      client.connections.heartbeat(client.getEndpoints(), new service.HeartbeatRequest(), 60_000);
    for (let times = 0; times < 5; times++) await expect(beat()).rejects.toMatchObject({ code: 7 });
    expect(lost).toEqual([]);
  });
});
