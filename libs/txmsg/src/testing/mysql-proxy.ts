import { connect, createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';

/**
 * What happens to the next statement that matches.
 * - `cut-before`: the connection is cut, and the server never sees the statement.
 * - `cut-unnoticed`: like `cut-before`, but the server notices only a moment later that its client is gone, and keeps
 *   the transaction and its locks until then.
 * - `cut-after`: the server carries it out, and the connection is cut instead of passing the answer on.
 * - `swallow-answer`: the server carries it out, and the answer never comes; the connection stays open.
 */
export type MysqlFault = 'cut-before' | 'cut-unnoticed' | 'cut-after' | 'swallow-answer';

interface ArmedFault {
  readonly statement: RegExp;
  readonly fault: MysqlFault;
  readonly played: () => void;
}

const COM_QUERY = 0x03;
const HEADER_BYTES = 4;
const NOTICED_AFTER_MS = 500;

/**
 * A TCP proxy in front of a real MySQL server that cuts a connection exactly at a chosen statement: the tests'
 * way to lose the answer to a COMMIT without pretending. It understands just enough of the protocol to see
 * the text of queries.
 */
export class MysqlProxy {
  private readonly armed: ArmedFault[] = [];
  private readonly sockets = new Set<Socket>();
  private isDown = false;
  /** How many connections were refused while down. */
  connectionsRefused = 0;

  private constructor(
    private readonly server: Server,
    private readonly target: URL,
  ) {
    server.on('connection', (client) => {
      this.relay(client);
    });
  }

  /**
   * Listens on a free port of loopback.
   * @param targetUrl - the URL of a database on the real server
   */
  static async start(targetUrl: string): Promise<MysqlProxy> {
    const server = createServer();
    const proxy = new MysqlProxy(server, new URL(targetUrl));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  /** The same database, by way of this proxy. */
  get url(): string {
    const url = new URL(this.target);
    url.port = String((this.server.address() as AddressInfo).port);
    return url.href;
  }

  /** Arms one fault; the promise resolves when it was played, and never when `up` has forgotten it before. */
  at(statement: RegExp, fault: MysqlFault): Promise<void> {
    return new Promise((played) => this.armed.push({ statement, fault, played }));
  }

  /** Cuts every connection and refuses new ones, until `up`. */
  down(): void {
    this.isDown = true;
    for (const socket of this.sockets) socket.destroy();
  }

  /** Accepts connections again, and forgets the faults that no statement has met: what follows is not disturbed. */
  up(): void {
    this.isDown = false;
    this.armed.length = 0;
  }

  /** From now on the connections that are there hang, and do not even notice that their clients go; new ones work. */
  freeze(): void {
    for (const socket of this.sockets) socket.pause();
  }

  /** Cuts every connection and stops listening. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.server.close(() => {
        resolve();
      });
    });
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  private relay(client: Socket): void {
    if (this.isDown) {
      this.connectionsRefused += 1;
      client.destroy();
      return;
    }
    const upstream = connect({ host: this.target.hostname, port: Number(this.target.port) });
    for (const socket of [client, upstream]) this.track(socket);
    let pendingFault: ArmedFault | undefined;
    const cut = (): void => {
      client.destroy();
      upstream.destroy();
      // A client that gave up before the server answered never had the answer either.
      pendingFault?.played();
    };
    client.on('close', cut).on('error', cut);
    upstream.on('close', cut).on('error', cut);

    client.on('data', (chunk) => {
      const fault = this.faultFor(chunk);
      if (fault?.fault === 'cut-before') {
        cut();
        fault.played();
        return;
      }
      if (fault?.fault === 'cut-unnoticed') {
        client.off('close', cut).destroy();
        setTimeout(cut, NOTICED_AFTER_MS);
        fault.played();
        return;
      }
      pendingFault = fault;
      upstream.write(chunk);
    });
    upstream.on('data', (chunk) => {
      if (pendingFault === undefined) {
        client.write(chunk);
        return;
      }
      if (pendingFault.fault === 'cut-after') cut();
      pendingFault.played();
      if (pendingFault.fault === 'cut-after') pendingFault = undefined;
    });
  }

  /** mysql2 writes one command at a time, so a chunk that begins with a query's header holds all that is needed. */
  private faultFor(chunk: Buffer): ArmedFault | undefined {
    if (chunk.length <= HEADER_BYTES || chunk[HEADER_BYTES] !== COM_QUERY) return undefined;
    const text = chunk.subarray(HEADER_BYTES + 1);
    // With CLIENT_QUERY_ATTRIBUTES the text follows two counts: no attributes, one set of them.
    const statement = (text[0] === 0 ? text.subarray(2) : text).toString('utf8');
    const index = this.armed.findIndex((armed) => armed.statement.test(statement));
    return index < 0 ? undefined : this.armed.splice(index, 1)[0];
  }

  private track(socket: Socket): void {
    this.sockets.add(socket);
    socket.on('close', () => this.sockets.delete(socket));
  }
}
