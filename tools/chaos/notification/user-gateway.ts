import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

const FORWARD_DEADLINE_MS = 10_000;
const SIGNED_HEADERS = ['content-type', 'webhook-id', 'webhook-timestamp', 'webhook-signature'] as const;

/** The one address of all instances of user, for webhooks: each call goes to one that may answer just now. */
export class UserGateway {
  /** The ids of what user has acknowledged. */
  readonly acknowledged = new Set<string>();
  private readonly server: Server = createServer((request, response) => {
    response.on('error', () => undefined);
    // Without an answer of user there is none.
    this.forward(request, response).catch(() => {
      request.socket.destroy();
    });
  });

  /** @param userUrl - of an instance; undefined while none runs */
  constructor(private readonly userUrl: () => string | undefined) {}

  get url(): string {
    const { port } = this.server.address() as AddressInfo;
    return `http://127.0.0.1:${port}/hook`;
  }

  async open(): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async forward(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request);
    const url = this.userUrl();
    if (url === undefined) throw new Error('no instance of user runs');
    const headers = Object.fromEntries(SIGNED_HEADERS.map((name) => [name, String(request.headers[name])]));
    const answer = await fetch(`${url}/webhooks/custody`, {
      method: 'POST',
      headers,
      body,
      signal: AbortSignal.timeout(FORWARD_DEADLINE_MS),
    });
    const said = await answer.text();
    if (answer.ok) this.acknowledged.add(String(request.headers['webhook-id']));
    response.writeHead(answer.status).end(said);
  }
}
