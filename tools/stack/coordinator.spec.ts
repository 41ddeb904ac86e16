import { describe, expect, it } from '@jest/globals';
import { coordinatorAddress, decideCoordinator, type CoordinatorWish } from './coordinator.js';

const can = (): Promise<boolean> => Promise.resolve(true);
const cannot = (): Promise<boolean> => Promise.resolve(false);
const network = { interface: 'txmsg-1', hostAddress: '169.254.1.2', serverAddress: '169.254.1.3' };

describe('where the coordinator listens', () => {
  const said: string[] = [];
  const wish: CoordinatorWish = {
    version: '1.8.0',
    owner: '/stack',
    remembered: undefined,
    hasSocket: true,
    onProgress: (line) => said.push(line),
  };

  it('is a network of its own, and nothing is to be said', async () => {
    said.length = 0;
    const coordinator = await decideCoordinator(wish, can);
    expect(coordinatorAddress(coordinator, { seata: 8091 })).toMatch(/^169\.254\.\d+\.\d+:8091$/);
    expect(said).toEqual([]);
  });

  it('stays what it was, since clients know that address', async () => {
    const remembered = { version: '2.0.0-db', network } as const;
    await expect(decideCoordinator({ ...wish, remembered }, can)).resolves.toEqual({
      version: '1.8.0',
      network,
    });
  });

  it('is every address where no network can be made, and one sentence says so', async () => {
    said.length = 0;
    const coordinator = await decideCoordinator(
      { ...wish, remembered: { version: '1.8.0', network } },
      cannot,
    );
    expect(coordinatorAddress(coordinator, { seata: 8091 })).toBe('127.0.0.1:8091');
    expect(said).toEqual([expect.stringContaining('listens on every address of this machine')]);
  });

  it('is every address when its MySQL could not be reached from another network', async () => {
    said.length = 0;
    const wishes = { ...wish, hasSocket: false };
    await expect(decideCoordinator({ ...wishes, version: '2.0.0-db' }, can)).resolves.toEqual({
      version: '2.0.0-db',
    });
    await expect(decideCoordinator(wishes, can)).resolves.toHaveProperty('network');
    expect(said).toHaveLength(1);
  });
});
