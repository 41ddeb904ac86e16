import type { Server, ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { LoadTarget } from '../transfer/http-load.js';
import { localTarget } from '../transfer/local-target.js';
import { openLoad } from './open-loop.js';

describe('openLoad', () => {
  let server: Server | undefined;

  afterEach(async () => {
    server?.closeAllConnections();
    await new Promise((resolve) => server?.close(resolve));
  });

  async function serve(answer: (response: ServerResponse, count: number) => void): Promise<LoadTarget> {
    const local = await localTarget(answer);
    server = local.server;
    return local.target;
  }

  it('accounts for every request that is due: accepted, refused, or never begun', async () => {
    let requests = 0;
    const target = await serve((response, count) => {
      requests += 1;
      response.writeHead(count % 4 === 3 ? 503 : 200).end();
    });
    const latencies: number[] = [];
    const onAccepted = (ms: number): number => latencies.push(ms);
    const result = await openLoad(target, { perSecond: 200, ms: 200, callers: 4, onAccepted });
    const refused = Math.floor(requests / 4);
    // How many begin in time is up to the machine that this runs on.
    expect(result).toMatchObject({ due: 40, accepted: requests - refused, notBegun: 40 - requests });
    expect(result.failures.get(503) ?? 0).toBe(refused);
    expect(latencies).toHaveLength(requests - refused);
  });

  it('reports what a slow service left undone', async () => {
    const held: ServerResponse[] = [];
    const target = await serve((response, count) => {
      // The only connection is answered when no request is left to begin.
      if (count === 0) setTimeout(() => held.shift()?.end(), 500);
      held.push(response);
    });
    const result = await openLoad(target, {
      perSecond: 100,
      ms: 200,
      callers: 1,
      onAccepted: () => undefined,
    });
    expect(result.notBegun).toBeGreaterThanOrEqual(19);
    expect(result.accepted + result.notBegun).toBe(20);
  });
});
