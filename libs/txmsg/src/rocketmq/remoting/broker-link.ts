import { farewellsOf, heartbeatOf, type ClientRole } from './client-role.js';
import { isWorthRepeating, refuseUnlessSuccess } from './remoting-error.mapper.js';
import { RequestCode, ResponseCode, SERVER_VERSION_MIN } from './remoting-codes.js';
import { NO_BODY, type Fields, type RemotingCommand } from './remoting-command.js';
import { RemotingConnection, type ConnectionSecurity } from './remoting.connection.js';
import { RefusedRequestError, UnfitTopicError } from './remoting.errors.js';
import type { BrokerRoute } from './topic-route.js';
import { readTopicType, typeProblem } from './topic-type.js';

export interface BrokerLinkEvents {
  readonly onRequest: (link: BrokerLink, command: RemotingCommand) => boolean;
  readonly onLost: (link: BrokerLink, cause: Error) => void;
}

/** For so long a broker that failed is not used while there are others. */
const REST_MS = 5_000;

/** One client's connection to one master broker, where it is registered for its groups. */
export class BrokerLink {
  readonly openedAtMs = performance.now();
  private readonly connection: RemotingConnection;
  private restsUntilMs = 0;
  private isRegistered = false;

  constructor(
    public route: BrokerRoute,
    private readonly role: ClientRole,
    private readonly clientId: string,
    security: ConnectionSecurity,
    events: BrokerLinkEvents,
  ) {
    this.connection = new RemotingConnection(route.address, security, {
      onRequest: (command) => events.onRequest(this, command),
      onLost: (cause) => {
        events.onLost(this, cause);
      },
    });
  }

  get isUsable(): boolean {
    return this.isRegistered && this.connection.isUsable;
  }

  /** True after a failure, for a while. */
  get isResting(): boolean {
    return performance.now() < this.restsUntilMs;
  }

  /** @throws an Error that says what keeps this client from using the broker */
  async open(timeoutMs: number): Promise<void> {
    try {
      await this.connection.open(timeoutMs);
      await this.heartbeat(timeoutMs);
      await this.lookAtTopic(timeoutMs);
      this.isRegistered = true;
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Registers the client; a broker that does not answer counts as unreachable. */
  async heartbeat(timeoutMs: number): Promise<void> {
    const body = heartbeatOf(this.role, this.clientId);
    try {
      const response = await this.connection.request(RequestCode.HEART_BEAT, {}, body, timeoutMs);
      refuseUnlessSuccess(response);
      refuseOldBroker(this.route, response.version);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /**
   * This protocol lets any message into any topic, so the topic's type is looked up here. A client that may not
   * look it up, or that is for another type, may not send either.
   */
  async lookAtTopic(timeoutMs: number): Promise<void> {
    const { topic, topicType } = this.role;
    if (topicType === undefined) return;
    try {
      const response = await this.request(RequestCode.GET_TOPIC_CONFIG, { topic }, NO_BODY, timeoutMs);
      const problem = typeProblem(topic, readTopicType(response.body), topicType, this.route.name);
      if (problem !== undefined) throw new UnfitTopicError(problem);
    } catch (error) {
      const isRefused =
        error instanceof RefusedRequestError && error.responseCode === ResponseCode.NO_PERMISSION;
      if (isRefused || error instanceof UnfitTopicError) this.close();
      throw error;
    }
  }

  /** @throws RefusedRequestError when the broker does not answer SUCCESS, and as RemotingConnection.request does */
  async request(code: number, fields: Fields, body: Buffer, timeoutMs: number): Promise<RemotingCommand> {
    try {
      const response = await this.connection.request(code, fields, body, timeoutMs);
      if (response.code !== ResponseCode.SUCCESS) refuseUnlessSuccess(response);
      return response;
    } catch (error) {
      if (isWorthRepeating(error)) this.restsUntilMs = performance.now() + REST_MS;
      throw error;
    }
  }

  /** Unregisters, then closes. Never rejects. */
  async leave(timeoutMs: number): Promise<void> {
    // A connection that is still being opened is only closed.
    const farewells = this.isUsable ? farewellsOf(this.role, this.clientId) : [];
    await Promise.allSettled(
      farewells.map((fields) =>
        this.connection.request(RequestCode.UNREGISTER_CLIENT, fields, NO_BODY, timeoutMs),
      ),
    );
    this.close();
  }

  close(): void {
    this.connection.close();
  }
}

function refuseOldBroker({ name, address }: BrokerRoute, version: number): void {
  if (version >= SERVER_VERSION_MIN) return;
  const detail = `broker ${name} (${address}) is older than RocketMQ 5.0, which the remoting transport needs`;
  throw new RefusedRequestError(ResponseCode.REQUEST_CODE_NOT_SUPPORTED, detail);
}
