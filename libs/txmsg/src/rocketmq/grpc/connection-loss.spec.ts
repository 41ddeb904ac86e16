import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Producer } from '../../broker/index.js';
import { BrokerTimeoutError } from '../../errors/index.js';
import { messageTo } from '../../../test/broker-contract.bench.js';
import { eventually } from '../../testing/eventually.js';
import type { RocketmqGrpcOptions } from '../../options/rocketmq.options.js';
import { RocketmqTransport } from './rocketmq.transport.js';
import { ScriptedProxy } from '../../../test/scripted-proxy.js';
import { TcpRelay } from '../../../test/tcp-relay.js';
import { SILENT_LOGGER } from '../../../test/test-broker.js';

jest.setTimeout(180_000);

const MESSAGE = messageTo('t', 'k');

describe('when the connection is lost', () => {
  let proxy: ScriptedProxy;
  let relay: TcpRelay | undefined;
  let producer: Producer | undefined;

  beforeEach(async () => {
    proxy = new ScriptedProxy();
    await proxy.start();
  });

  afterEach(async () => {
    await producer?.close(1_000);
    relay?.close();
    relay = undefined;
    proxy.stop();
  });

  async function connect(options: Partial<RocketmqGrpcOptions> = {}): Promise<Producer> {
    const transport = new RocketmqTransport({
      endpoints: proxy.endpoints,
      logger: SILENT_LOGGER,
      ...options,
    });
    producer = transport.createProducer('t');
    producer.start();
    await producer.whenReady(60_000);
    return producer;
  }

  it('goes on by itself when the broker is back', async () => {
    const sender = await connect();
    proxy.stop();
    await eventually(() => !sender.isReady());
    await proxy.start();
    await sender.whenReady(60_000);
    await sender.send(MESSAGE, 60_000);
  });

  it('replaces a client whose calls get no answer', async () => {
    const sender = await connect();
    const { sendMessage } = proxy.script;
    proxy.script.sendMessage = () => undefined;
    for (let times = 0; times < 3; times++) {
      await expect(sender.send(MESSAGE, 50)).rejects.toThrow(BrokerTimeoutError);
    }
    proxy.script.sendMessage = sendMessage;
    await eventually(() => proxy.telemetryOpened === 2);
    await eventually(() => sender.send(MESSAGE, 5_000));
  });

  it('replaces a client whose telemetry stream was ended', async () => {
    const sender = await connect();
    proxy.telemetryCalls[0]?.end();
    await eventually(() => proxy.telemetryOpened === 2);
    await sender.send(MESSAGE, 60_000);
  });

  it('replaces a client by one with a connection of its own', async () => {
    relay = new TcpRelay(Number(proxy.endpoints.split(':')[1]));
    const port = await relay.listen();
    proxy.announcedPort = port;
    // With this deadline a start on the dead connection does not end earlier than that either.
    const sender = await connect({ endpoints: `127.0.0.1:${port}`, requestTimeoutMs: 60_000 });
    relay.swallowEstablished();
    for (let times = 0; times < 3; times++) {
      await expect(sender.send(MESSAGE, 50)).rejects.toThrow(BrokerTimeoutError);
    }
    // Keepalive notices the dead connection after 15 s; a shared one would not work earlier.
    await eventually(() => sender.send(MESSAGE, 5_000));
  });

  it('notices a connection whose packets vanish', async () => {
    relay = new TcpRelay(Number(proxy.endpoints.split(':')[1]));
    const port = await relay.listen();
    proxy.announcedPort = port;
    // With this deadline no heartbeat fails while the test waits: only keepalive can notice.
    await connect({ endpoints: `127.0.0.1:${port}`, requestTimeoutMs: 60_000 });
    relay.swallowEstablished();
    await eventually(() => proxy.telemetryOpened === 2);
  });
});
