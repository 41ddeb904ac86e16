import { refuseUnlessSuccess } from './remoting-error.mapper.js';
import { RequestCode } from './remoting-codes.js';
import { NO_BODY } from './remoting-command.js';
import { RemotingConnection, type ConnectionSecurity } from './remoting.connection.js';
import { readTopicRoute, type BrokerRoute } from './topic-route.js';

/**
 * The name servers; each knows every route. One is asked for as long as it answers, then the next. Each is asked
 * once per look-up; the caller looks the route up again when that fails.
 */
export class NameServers {
  private connection: RemotingConnection | undefined;
  private turn = 0;
  private isClosed = false;

  constructor(
    private readonly addresses: readonly string[],
    private readonly security: ConnectionSecurity,
    private readonly timeoutMs: number,
  ) {}

  /** The masters that carry the topic. @throws RefusedRequestError when there is no such topic */
  async route(topic: string): Promise<BrokerRoute[]> {
    for (let failures = 1; ; failures++) {
      try {
        return await this.ask(topic);
      } catch (error) {
        if (failures >= this.addresses.length || this.isClosed) throw error;
      }
    }
  }

  /** Look-ups under way fail. */
  close(): void {
    this.isClosed = true;
    this.drop();
  }

  private drop(): void {
    this.connection?.close();
    this.connection = undefined;
  }

  private async ask(topic: string): Promise<BrokerRoute[]> {
    const { timeoutMs } = this;
    const fields = { topic, acceptStandardJsonOnly: 'true' };
    try {
      const connection = await this.open();
      const { GET_ROUTEINFO_BY_TOPIC } = RequestCode;
      const response = await connection.request(GET_ROUTEINFO_BY_TOPIC, fields, NO_BODY, timeoutMs);
      refuseUnlessSuccess(response);
      return readTopicRoute(response.body);
    } catch (error) {
      this.drop();
      this.turn += 1;
      throw error;
    }
  }

  private async open(): Promise<RemotingConnection> {
    if (this.isClosed) throw new Error('this client is closed');
    if (this.connection?.isUsable) return this.connection;
    const address = this.addresses[this.turn % this.addresses.length] ?? '';
    this.connection = new RemotingConnection(address, this.security);
    await this.connection.open(this.timeoutMs);
    return this.connection;
  }
}
