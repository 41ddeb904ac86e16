import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { load, type LoadTarget } from './http-load.js';

describe('load', () => {
  let server: Server | undefined;

  afterEach(async () => {
    await new Promise((resolve) => server?.close(resolve));
  });

  /** Answers the requests by turns with these. */
  async function serve(...answers: ((response: ServerResponse) => void)[]): Promise<LoadTarget> {
    let count = 0;
    const listening = createServer((_request, response) => answers[count++ % answers.length]?.(response));
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

  it('counts answers with a length and chunked ones, and others by their status', async () => {
    const target = await serve(
      (response) => response.end('with a length'),
      (response) => {
        response.write('in ');
        response.end('chunks');
      },
      (response) => response.writeHead(503).end(),
    );
    const { latenciesMs, failures } = await load(target, 3, { transfers: 30 });
    expect(latenciesMs).toHaveLength(20);
    expect([...failures]).toEqual([[503, 10]]);
  });

  it('goes on with a new connection when the server closes one without an answer', async () => {
    const target = await serve(
      (response) => response.end('good'),
      (response) => response.destroy(),
    );
    const { latenciesMs, failures } = await load(target, 2, { transfers: 20 });
    expect(latenciesMs).toHaveLength(10);
    expect([...failures]).toEqual([[0, 10]]);
  });
});
