import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** A server that accepts connections and reads what arrives, and never answers. */
export class MuteServer {
  private readonly sockets = new Set<Socket>();

  private constructor(private readonly server: Server) {
    server.on('connection', (socket) => {
      this.sockets.add(socket.on('error', () => undefined).resume());
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
