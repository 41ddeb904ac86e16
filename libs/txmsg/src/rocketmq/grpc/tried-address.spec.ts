import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { BrokerClient } from '../../broker/index.js';
import { messageTo } from '../../../test/broker-contract.bench.js';
import { eventually } from '../../testing/eventually.js';
import { RocketmqTransport } from './rocketmq.transport.js';
import { ScriptedProxy } from '../../../test/scripted-proxy.js';
import { SILENT_LOGGER } from '../../../test/test-broker.js';

jest.setTimeout(60_000);

const PROXY_VARIABLES = ['grpc_proxy', 'https_proxy', 'http_proxy', 'no_grpc_proxy', 'no_proxy'];
/** Port 9 is where nobody listens. */
const NOBODY = '127.0.0.1:9';

describe('a client that cannot connect', () => {
  const environment = { ...process.env };
  const clients: BrokerClient[] = [];
  let proxy: ScriptedProxy;

  beforeEach(async () => {
    for (const name of PROXY_VARIABLES) Reflect.deleteProperty(process.env, name);
    proxy = new ScriptedProxy();
    await proxy.start();
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) await client.close(1000);
    proxy.stop();
    for (const name of PROXY_VARIABLES) Reflect.deleteProperty(process.env, name);
    Object.assign(process.env, environment);
  });

  function producer(endpoints: string, requestTimeoutMs = 1000) {
    const transport = new RocketmqTransport({ endpoints, requestTimeoutMs, logger: SILENT_LOGGER });
    const client = transport.createProducer('t');
    clients.push(client);
    client.start();
    return client;
  }

  /** As soon as it says so: on a busy machine, a start that took too long may be a reason before that. */
  const reason = (client: BrokerClient, wanted: RegExp | string): Promise<string> =>
    eventually(() => {
      const words = client.whyNotReady() ?? '';
      expect(words).toMatch(wanted);
      return words;
    });

  it('names the address that was configured', async () => {
    const client = producer(NOBODY);
    await reason(client, /ECONNREFUSED.*\[tried: 127\.0\.0\.1:9, of rocketmq\.endpoints\]$/);
    await expect(client.send(messageTo('t', 'k'), 1000)).rejects.toThrow(
      '127.0.0.1:9, of rocketmq.endpoints',
    );
  });

  it('names the address that the broker announced', async () => {
    proxy.announcedPort = 9;
    await reason(
      producer(proxy.endpoints),
      /\[tried: 127\.0\.0\.1:9, which RocketMQ announces as its own.*brokerIP1/,
    );
  });

  it('names it also when nothing comes back from there', async () => {
    const silent = await silentServer();
    proxy.announcedPort = (silent.server.address() as AddressInfo).port;
    const client = producer(proxy.endpoints);
    try {
      await reason(
        client,
        `no start within 2000 ms: no connection to 127.0.0.1:${proxy.announcedPort}, which RocketMQ announces as its own`,
      );
      // A client that is replaced again and again must not leave a socket behind each time.
      await client.close(1000);
      await eventually(() => silent.sockets.length > 0 && silent.sockets.every((socket) => socket.destroyed));
    } finally {
      silent.server.close();
    }
  });

  it('says that it was connected when only the settings did not come', async () => {
    proxy.script.telemetry = () => undefined;
    const client = producer(proxy.endpoints);
    await eventually(() => client.whyNotReady()?.includes(`no settings from ${proxy.endpoints}`) === true);
  });

  it('names who was asked when a call gets no answer', async () => {
    const client = producer(proxy.endpoints);
    await client.whenReady(10_000);
    proxy.script.sendMessage = () => undefined;
    await expect(client.send(messageTo('t', 'k'), 100)).rejects.toThrow(
      `no answer within 100 ms from ${proxy.endpoints}, of rocketmq.endpoints`,
    );
  });

  it('names the HTTP proxy of the environment, without its password', async () => {
    process.env.http_proxy = `http://user:secret@${NOBODY}`;
    const words = await reason(
      producer('broker.example:8081'),
      'broker.example:8081, of rocketmq.endpoints, through the HTTP proxy 127.0.0.1:9 (environment variable http_proxy',
    );
    expect(words).not.toMatch(/undefined|secret/);
  });

  it('is not sent through that proxy to this machine itself', async () => {
    process.env.http_proxy = `http://${NOBODY}`;
    const client = producer(proxy.endpoints);
    await client.whenReady(10_000);
    await client.send(messageTo('t', 'k'), 5000);
  });

  it('connects to an IPv6 address, also to an announced one', async () => {
    const other = new ScriptedProxy('::1');
    await other.start();
    try {
      const client = producer(other.endpoints);
      await client.whenReady(10_000);
      await client.send(messageTo('t', 'k'), 5000);
    } finally {
      other.stop();
    }
  });
});

/** Accepts connections, and never answers. */
async function silentServer(): Promise<{ server: Server; sockets: readonly Socket[] }> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined).resume();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, sockets };
}
