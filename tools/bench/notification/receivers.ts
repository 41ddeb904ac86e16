import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { freePort } from '../../stack/ports.js';
import type { Death, PlannedSubscriber } from './notification-plan.js';

interface Call {
  readonly data: { readonly id: string };
}

/** Servers of subscribers, each with a port of its own, and what those who live have heard. */
export class Receivers {
  private readonly servers: Server[] = [];
  /** By subscriber, then by event: the ids of its webhooks, each of which has its effect once. */
  private heard = new Map<number, Map<string, Set<string>>>();
  private calls = 0;

  /** @returns where to call it */
  async open({ index, death }: PlannedSubscriber): Promise<string> {
    if (death === 'refuses') return urlOf(await freePort());
    const server = createServer(death === undefined ? this.living(index) : dead(death));
    this.servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return urlOf((server.address() as AddressInfo).port);
  }

  /** Calls of those who live so far, repeated ones included. */
  get callsOfLiving(): number {
    return this.calls;
  }

  /** The events that a subscriber has heard of, each with how many effects it had. */
  effects(index: number): ReadonlyMap<string, number> {
    const events = this.heard.get(index) ?? new Map<string, Set<string>>();
    return new Map([...events].map(([event, ids]) => [event, ids.size]));
  }

  forget(): void {
    this.heard = new Map();
    this.calls = 0;
  }

  async close(): Promise<void> {
    const servers = this.servers.splice(0);
    await Promise.all(
      servers.map((server) => {
        server.closeAllConnections();
        return new Promise((resolve) => server.close(resolve));
      }),
    );
  }

  private living(index: number): RequestListener {
    return (request, response) => {
      this.receive(index, request).then(
        () => response.writeHead(204).end(),
        () => response.destroy(),
      );
    };
  }

  private async receive(index: number, request: IncomingMessage): Promise<void> {
    const { data } = (await json(request)) as Call;
    this.calls += 1;
    const events = this.heard.get(index) ?? new Map<string, Set<string>>();
    this.heard.set(index, events);
    const ids = events.get(data.id) ?? new Set();
    events.set(data.id, ids.add(String(request.headers['webhook-id'])));
  }
}

function dead(death: Death): RequestListener {
  return (request, response) => {
    request.resume();
    if (death === 'answers 500') response.writeHead(500).end();
  };
}

function urlOf(port: number): string {
  return `http://127.0.0.1:${port}/`;
}
