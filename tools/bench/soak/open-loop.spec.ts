import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { LoadTarget } from '../transfer/http-load.js';
import { openLoad } from './open-loop.js';

describe('openLoad', () => {
  let server: Server | undefined;

  afterEach(async () => {
    server?.closeAllConnections();
    await new Promise((resolve) => server?.close(resolve));
  });

  async function serve(answer: (response: ServerResponse, count: number) => void): Promise<LoadTarget> {
    let count = 0;
    const listening = createServer((_request, response) => {
      answer(response, count++);
    });
    server = listening;
    await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
    const { port } = listening.address() as AddressInfo;
    return {
      host: '127.0.0.1',
      port,
      request: () => Buffer.from('GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'),
      isAccepted: (status) => status === 200,
    };
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
