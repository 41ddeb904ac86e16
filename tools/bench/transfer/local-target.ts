import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { LoadTarget } from './http-load.js';

/** An HTTP server on loopback for tests of the load generators; it accepts with 200. The caller closes `server`. */
export async function localTarget(
  answer: (response: ServerResponse, count: number) => void,
): Promise<{ server: Server; target: LoadTarget }> {
  let count = 0;
  const server = createServer((_request, response) => {
    answer(response, count++);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const target = {
    host: '127.0.0.1',
    port,
    request: () => Buffer.from('GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'),
    isAccepted: (status: number) => status === 200,
  };
  return { server, target };
}
