import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { ServiceProcess } from './service-process.js';

/** An address that stays while the service behind it is killed and started again, which then listens on another port. */
export class ServiceAddress {
  private instance: ServiceProcess | undefined;
  private readonly sockets = new Set<Socket>();

  private constructor(private readonly server: Server) {
    server.on('connection', (caller) => {
      this.forward(caller);
    });
  }

  static async open(): Promise<ServiceAddress> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new ServiceAddress(server);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** From now on calls reach this instance as soon as it listens; without one, callers get no answer. */
  leadTo(instance: ServiceProcess | undefined): void {
    this.instance = instance;
    // A connection that is kept alive would still lead to the one before.
    for (const socket of this.sockets) socket.destroy();
  }

  async close(): Promise<void> {
    this.leadTo(undefined);
    await new Promise((resolve) => this.server.close(resolve));
  }

  private forward(caller: Socket): void {
    const port = this.port();
    if (port === undefined) {
      caller.destroy();
      return;
    }
    const service = connect(port, '127.0.0.1');
    for (const [socket, other] of [
      [caller, service],
      [service, caller],
    ] as const) {
      this.sockets.add(socket);
      socket.pipe(other);
      socket.on('error', () => {
        other.destroy();
      });
      socket.on('close', () => {
        this.sockets.delete(socket);
        other.destroy();
      });
    }
  }

  private port(): number | undefined {
    try {
      return this.instance === undefined ? undefined : Number(new URL(this.instance.url).port);
    } catch {
      // It does not listen yet.
      return undefined;
    }
  }
}
