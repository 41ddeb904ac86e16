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

  it('begins every request that is due, and counts what was accepted and what was not', async () => {
    const target = await serve((response, count) => response.writeHead(count % 4 === 3 ? 503 : 200).end());
    const latencies: number[] = [];
    const onAccepted = (ms: number): number => latencies.push(ms);
    const result = await openLoad(target, { perSecond: 200, ms: 200, callers: 4, onAccepted });
    expect(result).toMatchObject({ due: 40, accepted: 30, notBegun: 0 });
    expect([...result.failures]).toEqual([[503, 10]]);
    expect(latencies).toHaveLength(30);
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
    expect(result).toMatchObject({ due: 20, accepted: 1, notBegun: 19 });
  });
});
