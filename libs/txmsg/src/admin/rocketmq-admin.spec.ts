import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { RocketmqAdmin, RocketmqAdminError } from './rocketmq-admin.js';

/** The first byte of a TLS handshake; that of a frame is the first of its length. */
const HANDSHAKE = 22;

describe('RocketmqAdmin', () => {
  let server: Server;
  let broker: string;
  let firstByte: Promise<number | undefined>;

  beforeEach(async () => {
    server = createServer();
    firstByte = new Promise((resolve) => {
      server.on('connection', (socket) => {
        socket.on('error', () => undefined);
        socket.once('data', (data) => {
          resolve(data[0]);
          socket.destroy();
        });
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    broker = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(() => {
    server.close();
  });

  it.each([
    ['TLS, with the authorities that Node trusts, when none are given', {}, HANDSHAKE],
    ['plain text when nothing is said of TLS', undefined, 0],
  ])('speaks %s', async (_what, tls, expected) => {
    const admin = new RocketmqAdmin({ broker, tls });
    await expect(admin.topicExists('t')).rejects.toBeInstanceOf(RocketmqAdminError);
    admin.close();
    await expect(firstByte).resolves.toBe(expected);
  });
});
