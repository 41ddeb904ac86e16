import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  coordinatorVersions,
  ownCoordinator,
  sharedCoordinator,
  type OwnCoordinator,
} from './coordinator.js';
import { seataCall } from './seata-call.js';

const BEGUN = 1;
const FINISHED = 15;

const begin = async (server: string): Promise<string> => {
  const begun = await seataCall(server, { type: 'Begin', timeoutMs: 600_000, name: 'test' });
  expect(begun.result).toMatchObject({ ok: true });
  return begun.xid;
};
const statusOf = async (server: string, xid: string): Promise<number> =>
  (await seataCall(server, { type: 'Status', xid, extraData: '' })).globalStatus;

describe('the coordinator that the tests of a run share', () => {
  it('is one for all who ask', async () => {
    const servers = await Promise.all([sharedCoordinator(), sharedCoordinator()]);
    expect(new Set(servers).size).toBe(1);
    await expect(begin(servers[0])).resolves.toMatch(/^[\d.]+:\d+:\d+$/);
  });
});

describe.each(coordinatorVersions())("a test's own coordinator, %s", (version) => {
  let coordinator: OwnCoordinator;

  beforeAll(async () => {
    coordinator = await ownCoordinator({ version });
  });
  afterAll(() => coordinator.stop());

  it('comes back after kill -9 at the same address, and knows what it knew', async () => {
    const { server } = coordinator;
    const xid = await begin(server);
    await coordinator.kill();
    await expect(statusOf(server, xid)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await coordinator.start();
    await expect(statusOf(server, xid)).resolves.toBe(BEGUN);
  });

  it('answers late when it was frozen meanwhile', async () => {
    const { server } = coordinator;
    const xid = await begin(server);
    await coordinator.freeze();
    let isAnswered = false;
    const status = statusOf(server, xid).finally(() => (isAnswered = true));
    // A round trip to another process, in which a coordinator that is awake would have answered many times.
    await sharedCoordinator().then(begin);
    expect(isAnswered).toBe(false);
    await coordinator.goOn();
    await expect(status).resolves.toBe(BEGUN);
  });

  it('knows nothing any more when its store is lost', async () => {
    const { server } = coordinator;
    const xid = await begin(server);
    await coordinator.loseStore();
    await coordinator.start();
    await expect(statusOf(server, xid)).resolves.toBe(FINISHED);
  });
});
