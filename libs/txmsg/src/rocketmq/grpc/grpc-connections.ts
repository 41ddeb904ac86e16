import {
  connectivityState,
  credentials,
  status,
  type CallOptions,
  type ChannelOptions,
  type ClientUnaryCall,
  type Metadata,
  type ServiceError,
} from '@grpc/grpc-js';
import { RpcClientManager, type BaseClient, type Endpoints, type ILogger } from 'rocketmq-client-nodejs';
import type { AnnouncedSessions } from './announced-sessions.js';
import { noteTried, refuseUnlessOk, type BrokerStatus } from './broker-error.mapper.js';
import {
  Code,
  MessagingServiceClient,
  type MessagingStub,
  type wire,
  type WireMessage,
} from './client-protocol.js';
import { closingConnectingSockets } from './connecting-sockets.js';
import { ConsecutiveFailures } from '../consecutive-failures.js';
import { grpcTargetOf } from './grpc-target.js';

/** How the connection notices that its other end is gone, and how it behaves then. */
const CHANNEL_OPTIONS: ChannelOptions = {
  // Without keepalive a connection whose packets vanish fails every call for minutes.
  // Test: connection-loss.spec.ts, "notices a connection whose packets vanish".
  'grpc.keepalive_time_ms': 10_000,
  'grpc.keepalive_timeout_ms': 5_000,
  'grpc.keepalive_permit_without_calls': 1,
  'grpc.initial_reconnect_backoff_ms': 500,
  'grpc.max_reconnect_backoff_ms': 3_000,
  // A new client must not inherit the broken connection of the one that it replaces.
  'grpc.use_local_subchannel_pool': 1,
  // The broker's largest message is 4 MB of body alone, which is also the default of this limit.
  'grpc.max_receive_message_length': 16 * 1024 * 1024,
};

export interface ConnectionOptions {
  readonly tlsRootCertificates?: Buffer | undefined;
  readonly onLost: (cause: Error) => void;
  /** One of several announced addresses is lost, in words; the client is used on. */
  readonly onPartLost: (words: string) => void;
}

/** What every answer of the proxy has; of the answers in a stream, only one has it. */
interface Answer {
  getStatus(): { getCode(): number; toObject(): BrokerStatus } | undefined;
}

type UnaryCall<Request, Response> = (
  request: Request,
  metadata: Metadata,
  options: Partial<CallOptions>,
  callback: (error: ServiceError | null, response: Response) => void,
) => ClientUnaryCall;

/**
 * Replaces the RpcClientManager of rocketmq-client-nodejs 1.0.8, which opens channels without keepalive, opens
 * another one with every route it fetches (its map is keyed by object identity), and cannot cancel open calls
 * when it closes. Every call here carries its own deadline and ends when the connections are closed.
 * Tests: connection-loss.spec.ts and grpc-connections.spec.ts.
 */
export class GrpcConnections extends RpcClientManager {
  readonly #stubs = new Map<string, MessagingStub>();
  readonly #openCalls = new Set<{ cancel(): void }>();
  readonly #failures: ConsecutiveFailures<Endpoints>;
  #closed = false;

  constructor(
    private readonly owner: BaseClient,
    logger: ILogger,
    private readonly options: ConnectionOptions,
    private readonly sessions: Pick<AnnouncedSessions, 'lost'>,
  ) {
    super(owner, logger);
    // Ends the parent's own timer; none of its channels is ever opened.
    super.close();
    this.#failures = new ConsecutiveFailures((endpoints, cause) => {
      sessions.lost(endpoints, cause);
    });
  }

  override queryRoute(endpoints: Endpoints, request: wire.QueryRouteRequest, durationMs: number) {
    const stub = this.#stub(endpoints);
    return this.#call(endpoints, stub.queryRoute.bind(stub), request, durationMs);
  }

  /**
   * The client ignores what the proxy answers; a proxy that has forgotten it hands it no check-backs any more.
   * Test: grpc-connections.spec.ts, "is lost when the proxy does not know it any more".
   */
  override async heartbeat(endpoints: Endpoints, request: wire.HeartbeatRequest, durationMs: number) {
    const stub = this.#stub(endpoints);
    const response = await this.#call(endpoints, stub.heartbeat.bind(stub), request, durationMs);
    const answer = response.getStatus()?.toObject();
    if (answer && answer.code !== Code.OK && answer.code !== Code.UNAUTHORIZED) {
      const cause = new Error(`the proxy refused the heartbeat: ${answer.code} ${answer.message}`);
      this.sessions.lost(endpoints, cause);
    }
    return response;
  }

  override sendMessage(endpoints: Endpoints, request: wire.SendMessageRequest, durationMs: number) {
    const stub = this.#stub(endpoints);
    return this.#call(endpoints, stub.sendMessage.bind(stub), request, durationMs);
  }

  override endTransaction(endpoints: Endpoints, request: wire.EndTransactionRequest, durationMs: number) {
    const stub = this.#stub(endpoints);
    return this.#call(endpoints, stub.endTransaction.bind(stub), request, durationMs);
  }

  override ackMessage(endpoints: Endpoints, request: wire.AckMessageRequest, durationMs: number) {
    const stub = this.#stub(endpoints);
    return this.#call(endpoints, stub.ackMessage.bind(stub), request, durationMs);
  }

  override changeInvisibleDuration(
    endpoints: Endpoints,
    request: wire.ChangeInvisibleDurationRequest,
    durationMs: number,
  ) {
    const stub = this.#stub(endpoints);
    return this.#call(endpoints, stub.changeInvisibleDuration.bind(stub), request, durationMs);
  }

  override notifyClientTermination(
    endpoints: Endpoints,
    request: wire.NotifyClientTerminationRequest,
    durationMs: number,
  ) {
    const stub = this.#stub(endpoints);
    return this.#call(endpoints, stub.notifyClientTermination.bind(stub), request, durationMs);
  }

  /**
   * Hands each message to `onMessage` as it arrives; 32 of 4 MB are more than a small process has room for. What had
   * arrived before an error counts: those messages are invisible to all other consumers already.
   * @returns the other responses
   */
  receiveMessages(
    endpoints: Endpoints,
    request: wire.ReceiveMessageRequest,
    durationMs: number,
    onMessage: (message: WireMessage) => void,
  ) {
    let hasMessage = false;
    return new Promise<wire.ReceiveMessageResponse[]>((resolve, reject) => {
      const call = this.#stub(endpoints).receiveMessage(request, this.owner.getRequestMetadata(), {
        deadline: Date.now() + durationMs,
      });
      this.#openCalls.add(call);
      const responses: wire.ReceiveMessageResponse[] = [];
      call.on('data', (response: wire.ReceiveMessageResponse) => {
        const message = response.getMessage();
        if (message) {
          hasMessage = true;
          onMessage(message);
        } else responses.push(response);
        this.#noticeRefusal(response);
      });
      call.on('end', () => {
        this.#finish(call, endpoints);
        resolve(responses);
      });
      call.on('error', (error: ServiceError) => {
        this.#finish(call, endpoints, error);
        if (hasMessage) resolve(responses);
        else reject(error);
      });
    });
  }

  override telemetry(endpoints: Endpoints, metadata: Metadata) {
    const stream = this.#stub(endpoints).telemetry(metadata);
    this.#openCalls.add(stream);
    stream.on('close', () => this.#openCalls.delete(stream));
    // Registered first, so that every other listener sees the error with its note.
    stream.on('error', (error: ServiceError) => {
      noteTried(error, this.wordsFor(endpoints));
    });
    return stream;
  }

  /** Where calls to these endpoints go, in words for error messages. */
  wordsFor(endpoints: Endpoints): string {
    return grpcTargetOf(endpoints, this.owner.getEndpoints()).words;
  }

  /** True while a connection stands; false also when none was ever tried. */
  isConnected(endpoints: Endpoints): boolean {
    const state = this.#stubs.get(endpoints.facade)?.getChannel().getConnectivityState(false);
    return state === connectivityState.READY;
  }

  /** The next call to these endpoints opens another connection; calls under way end as they can. */
  reconnect({ facade }: Endpoints): void {
    this.#stubs.get(facade)?.close();
    this.#stubs.delete(facade);
  }

  /** Cancels every call that is still open; nothing of these connections is left afterwards. */
  override close(): void {
    this.#closed = true;
    for (const call of this.#openCalls) call.cancel();
    for (const stub of this.#stubs.values()) stub.close();
    this.#stubs.clear();
  }

  #call<Request, Response extends Answer>(
    endpoints: Endpoints,
    method: UnaryCall<Request, Response>,
    request: Request,
    durationMs: number,
  ) {
    return new Promise<Response>((resolve, reject) => {
      const options = { deadline: Date.now() + durationMs };
      const call = method(request, this.owner.getRequestMetadata(), options, (error, response) => {
        this.#finish(call, endpoints, error);
        if (error) {
          reject(error);
          return;
        }
        this.#noticeRefusal(response);
        resolve(response);
      });
      this.#openCalls.add(call);
    });
  }

  /**
   * A user that RocketMQ does not know any more, or whose rights are gone, is refused everything: the next client
   * says so when it starts, and readiness with it. The client of 1.0.8 goes on as if it were connected.
   * Test: grpc-connections.spec.ts, "are lost when the broker refuses their user".
   */
  #noticeRefusal(response: Answer): void {
    if (this.#closed || response.getStatus()?.getCode() !== Code.UNAUTHORIZED) return;
    try {
      refuseUnlessOk(response.getStatus()?.toObject());
    } catch (error) {
      this.options.onLost(error as Error);
    }
  }

  #finish(call: { cancel(): void }, endpoints: Endpoints, error?: ServiceError | null): void {
    this.#openCalls.delete(call);
    if (this.#closed) return;
    if (error) noteTried(error, this.wordsFor(endpoints));
    if (error?.code === status.UNAVAILABLE || error?.code === status.DEADLINE_EXCEEDED) {
      this.#failures.count(endpoints, error);
    } else {
      this.#failures.reset(endpoints);
    }
  }

  #stub(endpoints: Endpoints): MessagingStub {
    if (this.#closed) throw new Error('this client of RocketMQ is closed');
    let stub = this.#stubs.get(endpoints.facade);
    if (!stub) {
      const { tlsRootCertificates } = this.options;
      const channelCredentials = closingConnectingSockets(
        this.owner.sslEnabled
          ? credentials.createSsl(tlsRootCertificates ?? null)
          : credentials.createInsecure(),
      );
      const { target, options } = grpcTargetOf(endpoints, this.owner.getEndpoints());
      stub = new MessagingServiceClient(target, channelCredentials, { ...CHANNEL_OPTIONS, ...options });
      this.#stubs.set(endpoints.facade, stub);
    }
    return stub;
  }
}
