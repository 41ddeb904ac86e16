import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { status } from '@grpc/grpc-js';
import type { BrokerClient } from '../../broker/index.js';
import { eventually } from '../../testing/eventually.js';
import { handlesBeyond, openHandles, type Handles } from '../../../test/open-handles.js';
import { RocketmqTransport } from './rocketmq.transport.js';
import { ScriptedProxy } from '../../../test/scripted-proxy.js';
import { SILENT_LOGGER } from '../../../test/test-broker.js';

const RECEIVE = { messagesMax: 1, awaitMs: 20_000, invisibleMs: 10_000 };

jest.setTimeout(180_000);

describe('closing', () => {
  let proxy: ScriptedProxy;
  let before: Handles;
  let clients: BrokerClient[];
  let transport: RocketmqTransport;

  beforeEach(async () => {
    proxy = new ScriptedProxy();
    await proxy.start();
    before = openHandles();
    transport = new RocketmqTransport({ endpoints: proxy.endpoints, logger: SILENT_LOGGER });
    clients = [
      transport.createTransactionalProducer('t', () => Promise.resolve('UNKNOWN')),
      transport.createProducer('n'),
      transport.createConsumer('n', 'g'),
    ];
    for (const client of clients) client.start();
  });

  afterEach(() => {
    proxy.stop();
  });

  const ready = () => Promise.all(clients.map((client) => client.whenReady(60_000)));
  const close = () => Promise.all(clients.map((client) => client.close(1_000)));
  const nothingIsLeft = () =>
    eventually(() => {
      expect(handlesBeyond(before)).toEqual({});
    });

  it('leaves nothing behind', async () => {
    await ready();
    await close();
    await nothingIsLeft();
  });

  it('ends a poll that is under way', async () => {
    await ready();
    const consumer = transport.createConsumer('n', 'g2');
    clients.push(consumer);
    consumer.start();
    await consumer.whenReady(60_000);
    const received = consumer.receive(RECEIVE);
    await eventually(() => proxy.waitingReceives.length > 0);
    await close();
    expect(await received).toEqual([]);
    await nothingIsLeft();
  });

  it('closes everything although the broker refuses the farewell', async () => {
    proxy.script.notifyClientTermination = (_call, answer) => {
      answer({ code: status.UNAVAILABLE });
    };
    await ready();
    await close();
    await nothingIsLeft();
  });

  it('closes everything although the broker does not answer the farewell', async () => {
    proxy.script.notifyClientTermination = () => undefined;
    await ready();
    await close();
    await nothingIsLeft();
  });

  it('leaves no timer when it is shut down while it starts', async () => {
    await ready();
    const release: (() => void)[] = [];
    const { queryRoute } = proxy.script;
    proxy.script.queryRoute = (call, answer) => {
      release.push(() => {
        queryRoute(call, answer);
      });
    };
    const late = transport.createProducer('n');
    clients.push(late);
    late.start();
    await eventually(() => release.length > 0);
    const closed = close();
    for (const go of release) go();
    await closed;
    await nothingIsLeft();
  });

  it('leaves nothing behind when the broker went away before', async () => {
    await ready();
    proxy.stop();
    await eventually(() => clients.every((client) => !client.isReady()));
    await close();
    await nothingIsLeft();
  });

  it('leaves nothing behind when the broker was never there', async () => {
    await ready();
    await close();
    proxy.stop();
    const late = transport.createProducer('n');
    late.start();
    await expect(late.whenReady(100)).rejects.toThrow();
    await late.close(1_000);
    // Closing ends the pauses between attempts, the client's own and ours, before it returns: waiting here would let
    // them pass. What it closes besides takes its time.
    expect(handlesBeyond(before).Timeout ?? 0).toBe(0);
    await nothingIsLeft();
  });

  it('leaves nothing behind when the broker never answered the start', async () => {
    proxy.script.telemetry = () => undefined;
    const hanging = transport.createProducer('hanging');
    hanging.start();
    await expect(hanging.whenReady(100)).rejects.toThrow();
    await hanging.close(1_000);
    await close();
    await nothingIsLeft();
  });
});
