import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** A server that accepts connections and reads what arrives, and never answers. */
export class MuteServer {
  private readonly sockets = new Set<Socket>();
  /** Of each connection, what has arrived. */
  private readonly received = new Map<Socket, string>();

  private constructor(private readonly server: Server) {
    server.on('connection', (socket) => {
      this.sockets.add(socket.on('error', () => undefined));
      socket.on('data', (bytes) => {
        this.received.set(socket, (this.received.get(socket) ?? '') + bytes.toString('latin1'));
      });
    });
  }

  static async start(): Promise<MuteServer> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new MuteServer(server);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** How many connections there have been. */
  get asked(): number {
    return this.sockets.size;
  }

  /** On how many connections this was sent: nobody who waits for an answer asks twice on one. */
  askedFor(text: string): number {
    return [...this.received.values()].filter((received) => received.includes(text)).length;
  }

  close(): void {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
  }
}

/** A client that connects to a bank, sends this much and then nothing more, and never lets go. */
export async function holdOpen(databaseUrl: string, text: string): Promise<Socket> {
  const { hostname, port } = new URL(databaseUrl);
  const socket = connect(Number(port), hostname).on('error', () => undefined);
  await once(socket, 'connect');
  socket.write(text.replaceAll('HOST', `${hostname}:${port}`));
  return socket;
}
