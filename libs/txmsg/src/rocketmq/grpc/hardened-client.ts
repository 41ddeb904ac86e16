import {
  Endpoints,
  type BaseClient,
  type BaseClientOptions,
  type MessageQueue,
} from 'rocketmq-client-nodejs';
import { isIPv6 } from 'node:net';
import { formatBrokerAddress, parseBrokerAddress } from '../../broker/index.js';
import { AnnouncedSessions } from './announced-sessions.js';
import { describeFailure } from './broker-error.mapper.js';
import { AddressScheme, Permission, type WireSettings } from './client-protocol.js';
import { GrpcConnections, type ConnectionOptions } from './grpc-connections.js';
import { TelemetryStream } from './telemetry-stream.js';

/** The broker id of a master; only masters take messages and hand them out. */
const MASTER_BROKER_ID = 0;

export interface HardenedClient {
  readonly connections: GrpcConnections;
  /** What a start that does not end waits for, in words for an operator. */
  startWaitsFor(): string;
  /** One queue of every master broker that carries the topic. The proxy chooses the real queue by itself. */
  brokersOf(topic: string, permission: 'READ' | 'WRITE'): MessageQueue[];
  /** Whether the session with these endpoints has answered, and is not lost since. */
  isLive(endpoints: Endpoints): boolean;
  startup(): Promise<void>;
  /** Unregisters from the broker and closes everything; never rejects. */
  shutdown(): Promise<void>;
  /** Closes everything at once, without unregistering. */
  terminate(): void;
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- TypeScript wants exactly this of a mixin's base.
type BaseClientClass = abstract new (...parameters: any[]) => BaseClient;

/**
 * What both the producers and the consumers of rocketmq-client-nodejs 1.0.8 need corrected; each overridden member
 * says which defect it removes. A hardened client is used once: when no session with RocketMQ is left, another one replaces it.
 */
export function hardened<Base extends BaseClientClass>(base: Base) {
  abstract class Hardened extends base implements HardenedClient {
    protected override readonly rpcClientManager: GrpcConnections;
    readonly #sessions: AnnouncedSessions;
    #routeError = new Error('no route was looked up');

    // eslint-disable-next-line @typescript-eslint/no-explicit-any -- as above
    constructor(...parameters: any[]) {
      // eslint-disable-next-line @typescript-eslint/no-unsafe-argument -- as above
      super(...parameters);
      const options = parameters[0] as BaseClientOptions & ConnectionOptions;
      repairIpv6(this.endpoints, options.endpoints);
      super.getRpcClientManager().close();
      const { onLost, onPartLost } = options;
      this.#sessions = new AnnouncedSessions({
        onLost,
        onPartLost: (cause) => {
          onPartLost(`topic ${[...this.topics].join()}: ${describeFailure(cause)}`);
        },
        isRunning: () => this.isRunning(),
        announced: () => this.getTotalRouteEndpoints(),
        serving: () =>
          [...this.topics]
            .flatMap((topic) => [...this.brokersOf(topic, 'READ'), ...this.brokersOf(topic, 'WRITE')])
            .map(({ broker }) => broker.endpoints),
        renew: (endpoints) => {
          this.rpcClientManager.reconnect(endpoints);
          this.getTelemetrySession(endpoints).refresh();
        },
      });
      this.rpcClientManager = new GrpcConnections(this, this.logger, options, this.#sessions);
    }

    get connections(): GrpcConnections {
      return this.rpcClientManager;
    }

    brokersOf(topic: string, permission: 'READ' | 'WRITE'): MessageQueue[] {
      const allowed: number[] = [Permission.READ_WRITE, Permission[permission]];
      const masters = new Map<string, MessageQueue>();
      for (const queue of this.topicRouteCache.get(topic)?.messageQueues ?? []) {
        if (queue.broker.id !== MASTER_BROKER_ID || !allowed.includes(queue.permission)) continue;
        if (!masters.has(queue.broker.name)) masters.set(queue.broker.name, queue);
      }
      return [...masters.values()];
    }

    isLive(endpoints: Endpoints): boolean {
      return this.#sessions.isLive(endpoints);
    }

    /** Every failed look-up ends the start, so it waits for what follows: settings, from any announced address. */
    startWaitsFor(): string {
      const announced = this.getTotalRouteEndpoints();
      const unreachable = announced.filter((endpoints) => !this.rpcClientManager.isConnected(endpoints));
      const words = (endpoints: readonly Endpoints[]): string =>
        endpoints.map((one) => this.rpcClientManager.wordsFor(one)).join('; ');
      if (announced.length === 0) return `no answer from ${words([this.endpoints])}`;
      if (unreachable.length > 0) return `no connection to ${words(unreachable)}`;
      return `no settings from ${words(announced)}`;
    }

    /** See TelemetryStream: the client's own handling ends the process or leaves a timer behind. */
    override createTelemetryStream(endpoints: Endpoints) {
      this.#sessions.opened(endpoints);
      return new TelemetryStream(super.createTelemetryStream(endpoints), (cause) => {
        this.#sessions.lost(endpoints, cause);
      }).asClientStream();
    }

    override onSettingsCommand(endpoints: Endpoints, settings: WireSettings): void {
      super.onSettingsCommand(endpoints, settings);
      this.#sessions.answered(endpoints);
    }

    protected override async updateRoutes(): Promise<void> {
      try {
        await super.updateRoutes();
      } catch (error) {
        this.#routeError = error as Error;
        throw error;
      }
    }

    /**
     * startup() would sleep twice between its own three attempts and keep a closing process alive; retries are
     * made by ClientSupervisor, with a new client each.
     * Test: client-shutdown.spec.ts, "leaves nothing behind when the broker was never there".
     */
    protected override sleep(): Promise<void> {
      return Promise.reject(this.#routeError);
    }

    /**
     * The client unregisters first and, when the broker refuses that, leaves everything open.
     * Test: client-shutdown.spec.ts, "closes everything although the broker refuses the farewell".
     */
    override async shutdown(): Promise<void> {
      this.#sessions.end();
      try {
        await super.shutdown();
      } catch (error) {
        this.logger.warn('shutdown failed, closing the connections all the same: %s', error);
      } finally {
        this.terminate();
      }
    }

    terminate(): void {
      this.#sessions.end();
      this.rpcClientManager.close();
    }
  }
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- as above
  return Hardened as unknown as Base & (abstract new (...parameters: any[]) => HardenedClient);
}

/** The client of 1.0.8 splits at every colon. All that it has made of its endpoints by now refers to this object. */
function repairIpv6(endpoints: Endpoints, text: string): void {
  const address = parseBrokerAddress(text);
  if (!address || !isIPv6(address.host)) return;
  const repaired = new Endpoints({ scheme: AddressScheme.IPV6, addressesList: [address] });
  Object.assign(endpoints, repaired, { facade: formatBrokerAddress(address) });
}
