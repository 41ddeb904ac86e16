import type { Server, ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from '@jest/globals';
import { load, type LoadTarget } from './http-load.js';
import { localTarget } from './local-target.js';

describe('load', () => {
  let server: Server | undefined;

  afterEach(async () => {
    await new Promise((resolve) => server?.close(resolve));
  });

  /** Answers the requests by turns with these. */
  async function serve(...answers: ((response: ServerResponse) => void)[]): Promise<LoadTarget> {
    const local = await localTarget((response, count) => answers[count % answers.length]?.(response));
    server = local.server;
    return local.target;
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
