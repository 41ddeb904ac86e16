import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** Hears what goes over one connection. */
export interface TcpListener {
  sent(bytes: Buffer): void;
  received(bytes: Buffer): void;
}

/** A line to a server, which can be stopped so that bytes wait, or cut so that nobody gets through. */
export class TcpGate {
  private readonly sockets = new Set<Socket>();
  private state: 'OPEN' | 'STOPPED' | 'CUT' = 'OPEN';

  private constructor(
    private readonly server: Server,
    private readonly target: { readonly host: string; readonly port: number },
    private readonly listen: () => TcpListener | undefined,
  ) {
    server.on('connection', (caller) => {
      this.forward(caller);
    });
  }

  /**
   * @param address - `host:port` of the server
   * @param listen - asked for each connection who hears it @default nobody
   */
  static async open(
    address: string,
    listen: () => TcpListener | undefined = () => undefined,
  ): Promise<TcpGate> {
    const { hostname: host, port } = new URL(`tcp://${address}`);
    const server = createServer({ pauseOnConnect: true });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new TcpGate(server, { host, port: Number(port) }, listen);
  }

  /** Where callers reach the server: `host:port`. */
  get address(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** From now on nothing gets through, and nothing is lost. */
  stop(): void {
    this.state = 'STOPPED';
    for (const socket of this.sockets) socket.pause();
  }

  goOn(): void {
    this.state = 'OPEN';
    for (const socket of this.sockets) socket.resume();
  }

  /** Ends every connection, and every later one at once. */
  cut(): void {
    this.state = 'CUT';
    for (const socket of this.sockets) socket.destroy();
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private forward(caller: Socket): void {
    if (this.state === 'CUT') {
      caller.destroy();
      return;
    }
    const server = connect(this.target);
    const listener = this.listen();
    for (const [from, to, hear] of [
      [caller, server, 'sent'],
      [server, caller, 'received'],
    ] as const) {
      this.sockets.add(from);
      // Not `pipe`, which would let bytes through again by itself.
      from.on('data', (bytes) => {
        to.write(bytes);
        listener?.[hear](bytes);
      });
      from.on('error', () => to.destroy());
      from.on('close', () => {
        this.sockets.delete(from);
        to.destroy();
      });
      if (this.state === 'STOPPED') from.pause();
      else from.resume();
    }
  }
}
