import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * An HTTP proxy in front of a service that lets requests through only while its gate is open: the tests' way to stop whoever
 * asks exactly there.
 */
export class GatedProxy {
  private release: () => void = () => undefined;
  private gate = Promise.resolve();
  private arrive: () => void = () => undefined;
  /** How many requests have come. */
  requests = 0;

  private constructor(
    private readonly server: Server,
    private readonly target: () => string,
  ) {}

  /** @param target - scheme, host and port of the service, which may change */
  static async start(target: () => string): Promise<GatedProxy> {
    const server = createServer();
    const proxy = new GatedProxy(server, target);
    server.on('request', (request, response) => {
      proxy
        .pass(request.url ?? '/')
        .then(async (answer) => {
          response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' });
          response.end(await answer.text());
        })
        .catch(() => {
          response.destroy();
        });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** From now on requests wait. */
  shut(): void {
    this.gate = new Promise((resolve) => (this.release = resolve));
  }

  open(): void {
    this.release();
  }

  /** Resolves when a further request has come. */
  nextRequest(): Promise<void> {
    return new Promise((resolve) => (this.arrive = resolve));
  }

  async close(): Promise<void> {
    this.open();
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async pass(path: string): Promise<Response> {
    this.requests += 1;
    this.arrive();
    await this.gate;
    return fetch(`${this.target()}${path}`);
  }
}
