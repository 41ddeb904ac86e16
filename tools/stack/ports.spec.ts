import { describe, expect, it } from '@jest/globals';
import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { canListen, choosePort, portsTakenBy } from './ports.js';

describe('choosePort', () => {
  const none = new Set<number>();

  it('takes the preferred port when it is free', async () => {
    await expect(choosePort('mysql', 53306, none, () => Promise.resolve(true))).resolves.toBe(53306);
  });

  it('takes another one when a program listens there', async () => {
    const isFree = (port: number): Promise<boolean> => Promise.resolve(port !== 53306);
    const port = await choosePort('mysql', 53306, none, isFree);
    expect(port).toBeGreaterThanOrEqual(20_000);
    expect(port).toBeLessThan(32_000);
  });

  it("looks at all three of the broker's ports", async () => {
    for (const used of [10_909, 10_911, 10_912]) {
      const isFree = (port: number): Promise<boolean> => Promise.resolve(port !== used);
      await expect(choosePort('broker', 10_911, none, isFree)).resolves.not.toBe(10_911);
    }
  });

  it('leaves the ports of the other servers of the stack alone', async () => {
    const reserved = new Set(portsTakenBy('broker', 10_911));
    await expect(choosePort('proxy', 10_912, reserved, () => Promise.resolve(true))).resolves.not.toBe(
      10_912,
    );
  });
});

describe('canListen', () => {
  it.each(['127.0.0.1', '0.0.0.0'])('sees a listener on %s', async (host) => {
    const server = createServer().listen(0, host);
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    await expect(canListen(port)).resolves.toBe(false);
    server.close();
    await once(server, 'close');
    await expect(canListen(port)).resolves.toBe(true);
  });

  it('refuses what is no port', async () => {
    await expect(canListen(0)).resolves.toBe(false);
    await expect(canListen(65_536)).resolves.toBe(false);
  });
});
