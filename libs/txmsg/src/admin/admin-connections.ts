import { Deadline } from '../deadline/index.js';
import type { RemotingCommand } from '../rocketmq/remoting/remoting-command.js';
import { RemotingConnection, type ConnectionSecurity } from '../rocketmq/remoting/remoting.connection.js';
import { RequestTimeoutError } from '../rocketmq/remoting/remoting.errors.js';
import { RocketmqAdminError, RocketmqAdminTimeoutError } from './rocketmq-admin.errors.js';

/** Values of a request's header; all of them travel as text. */
export type AdminFields = Readonly<Record<string, string | number | boolean>>;

/** One connection to each server that an administrator calls, made again after it was lost. */
export class AdminConnections {
  private readonly connections = new Map<string, RemotingConnection>();

  constructor(
    private readonly securityOf: (address: string) => ConnectionSecurity,
    private readonly timeoutMs: number,
  ) {}

  /** @throws RocketmqAdminError when the server cannot be reached or does not answer in time */
  async request(address: string, code: number, fields: AdminFields, body: Buffer): Promise<RemotingCommand> {
    const deadline = Deadline.in(this.timeoutMs);
    const texts = Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, String(value)]));
    try {
      const connection = this.connectionTo(address);
      await connection.open(deadline.remainingMs());
      return await connection.request(code, texts, body, deadline.remainingMs());
    } catch (error) {
      const { message } = error as Error;
      if (error instanceof RequestTimeoutError) {
        const sentence = `${address} did not answer within ${this.timeoutMs} ms`;
        throw new RocketmqAdminTimeoutError(sentence, { cause: error });
      }
      throw new RocketmqAdminError(`${address} cannot be reached: ${message}`, { cause: error });
    }
  }

  close(): void {
    for (const connection of this.connections.values()) connection.close();
    this.connections.clear();
  }

  private connectionTo(address: string): RemotingConnection {
    const known = this.connections.get(address);
    if (known && !known.isClosed) return known;
    const connection = new RemotingConnection(address, this.securityOf(address));
    this.connections.set(address, connection);
    return connection;
  }
}
