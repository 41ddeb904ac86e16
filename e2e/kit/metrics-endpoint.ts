import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Serves whatever a test wants a bank to tell, at any path. */
export class MetricsEndpoint {
  private constructor(private readonly server: Server) {}

  /** @param answer - samples in Prometheus's format; undefined answers 503 */
  static async start(answer: (path: string) => string | undefined): Promise<MetricsEndpoint> {
    const server = createServer((request, response) => {
      const text = answer(request.url ?? '');
      response.writeHead(text === undefined ? 503 : 200, { 'content-type': 'text/plain' }).end(text);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new MetricsEndpoint(server);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}
