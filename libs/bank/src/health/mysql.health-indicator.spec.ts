import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { HealthIndicatorService } from '@nestjs/terminus';
import type { BankSettings } from '../configuration/bank-settings.js';
import { MysqlHealthIndicator } from './mysql.health-indicator.js';

describe('MysqlHealthIndicator', () => {
  let server: Server | undefined;
  const sockets: Socket[] = [];

  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.destroy();
    server?.close();
    server = undefined;
  });

  async function listen(): Promise<number> {
    server = createServer((socket) => sockets.push(socket)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  }

  async function check(port: number): Promise<string> {
    const settings = { mysqlUrl: `mysql://u:p@127.0.0.1:${port}/bank`, healthTimeoutMs: 300 } as BankSettings;
    const result = await new MysqlHealthIndicator(new HealthIndicatorService(), settings).isHealthy('mysql');
    return result.mysql?.status ?? 'missing';
  }

  it('is red in the end when MySQL accepts connections and says nothing', async () => {
    expect(await check(await listen())).toBe('down');
    // The connection is cut, not left to whoever thaws MySQL again.
    const [socket] = sockets;
    if (socket && !socket.destroyed) await once(socket, 'close');
  });

  it('is red at once when nobody listens', async () => {
    const port = await listen();
    server?.close();
    expect(await check(port)).toBe('down');
  });
});
