import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { text } from 'node:stream/consumers';

/** A call as a receiver saw it. */
export interface ReceivedCall {
  readonly id: string;
  readonly path: string;
  readonly body: string;
  readonly headers: IncomingHttpHeaders;
}

/** What a receiver does with a call; the body has been read. */
export type Behaviour = (call: ReceivedCall, response: ServerResponse, request: IncomingMessage) => void;

export const acknowledge: Behaviour = (_call, response) => {
  response.writeHead(204).end();
};

export const answer =
  (status: number, headers: Readonly<Record<string, string>> = {}, body = ''): Behaviour =>
  (_call, response) => {
    response.writeHead(status, headers).end(body);
  };

/** Breaks the connection, as a process that crashes does. */
export const breakOff: Behaviour = (_call, response) => {
  response.socket?.destroy();
};

/** A subscriber's server, whose behaviour a test changes at any time. */
export class Receiver {
  readonly calls: ReceivedCall[] = [];
  behaviour: Behaviour = acknowledge;
  private readonly sockets = new Set<Socket>();
  private readonly server = createServer((request, response) => {
    void this.receive(request, response);
  });

  static async start(behaviour: Behaviour = acknowledge): Promise<Receiver> {
    const receiver = new Receiver();
    receiver.behaviour = behaviour;
    receiver.server.on('connection', (socket: Socket) => {
      receiver.sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => receiver.sockets.delete(socket));
    });
    await new Promise<void>((resolve) => receiver.server.listen(0, '127.0.0.1', resolve));
    return receiver;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/hook`;
  }

  idsCalled(): string[] {
    return this.calls.map(({ id }) => id);
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on('error', () => undefined);
    const { headers, url = '' } = request;
    const call = { id: String(headers['webhook-id']), path: url, body: await text(request), headers };
    this.calls.push(call);
    this.behaviour(call, response, request);
  }
}
