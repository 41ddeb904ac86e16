import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { ScriptedServer } from '../../../txmsg/test/scripted-server.js';
import type { MessagingSettings } from '../configuration/messaging-settings.js';
import type { Readings } from '../telemetry/readings.js';
import { ExhaustedChecksGauge } from './exhausted-checks.gauge.js';

const LIST_BROKERS = 106;
/** The first byte of a TLS handshake. */
const HANDSHAKE = 22;

describe('the count of half messages that the broker has given up', () => {
  it('is read over TLS where the certificate comes from a well-known authority', async () => {
    const broker = createServer();
    const firstByte = new Promise((resolve) => {
      broker.on('connection', (socket) => {
        socket.on('error', () => undefined);
        socket.once('data', (data) => {
          resolve(data[0]);
          socket.destroy();
        });
      });
    });
    broker.listen(0, '127.0.0.1');
    await once(broker, 'listening');
    const address = `127.0.0.1:${(broker.address() as AddressInfo).port}`;
    const table = { brokerAddrTable: { 'broker-a': { brokerAddrs: { 0: address } } } };
    const nameServer = new ScriptedServer({
      [LIST_BROKERS]: () => ({ body: Buffer.from(JSON.stringify(table)) }),
    });
    await nameServer.start();
    try {
      let read: ((timeoutMs: number) => Promise<unknown>) | undefined;
      const readings = { observe: (reading: { read: typeof read }) => (read = reading.read) };
      const settings = { kind: 'service', rocketmqNameServers: [nameServer.address], rocketmqTls: true };
      new ExhaustedChecksGauge(settings as unknown as MessagingSettings, readings as unknown as Readings);
      await expect(read?.(10_000)).rejects.toThrow('no name server of ROCKETMQ_NAMESRV answered');
      await expect(firstByte).resolves.toBe(HANDSHAKE);
    } finally {
      nameServer.stop();
      broker.close();
    }
  });
});
