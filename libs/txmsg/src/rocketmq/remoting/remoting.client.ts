import { randomUUID } from 'node:crypto';
import { Deadline, waitAtMost } from '../../deadline/index.js';
import { BackOff } from '../back-off.js';
import { STABLE_AFTER_MS, SupervisedClient } from '../supervised.client.js';
import { BrokerLink } from './broker-link.js';
import type { ClientRole } from './client-role.js';
import { NameServers } from './name-servers.js';
import { describeFailure } from './remoting-error.mapper.js';
import type { RemotingCommand } from './remoting-command.js';
import type { RemotingSettings } from './remoting.settings.js';
import type { BrokerRoute } from './topic-route.js';

/** Brokers forget clients after 120 s; the shorter this is, the sooner a dead connection is noticed. */
const HEARTBEAT_INTERVAL_MS = 10_000;
const ROUTE_INTERVAL_MS = 30_000;

/**
 * Keeps connections to all master brokers that carry the topic, for as long as it is not closed: looks the route up
 * regularly, registers by heartbeats, and replaces connections that were lost. Ready while one broker can be used.
 * Tests: remoting.client.spec.ts.
 */
export class RemotingClient extends SupervisedClient {
  private readonly clientId = `txmsg@${randomUUID()}`;
  private readonly links = new Map<string, BrokerLink>();
  private readonly nameServers: NameServers;
  private route: readonly BrokerRoute[] = [];
  private routeIsDueAtMs = 0;
  private isConnected = false;
  private interrupt = new AbortController();

  constructor(
    readonly role: ClientRole,
    private readonly settings: RemotingSettings,
    private readonly onRequest: (link: BrokerLink, command: RemotingCommand) => boolean = () => false,
  ) {
    const { logger, nameServers, nameServerSecurity, requestTimeoutMs } = settings;
    super({ ...role, logger, describeFailure });
    this.nameServers = new NameServers(nameServers, nameServerSecurity, requestTimeoutMs);
  }

  isReady(): boolean {
    return this.isConnected;
  }

  /** The brokers that can be used now. @throws BrokerNotReadyError when there is none */
  usableLinks(operation: string): BrokerLink[] {
    const usable = this.isConnected ? this.openLinks() : [];
    if (usable.length === 0) throw this.notReady(operation);
    return usable;
  }

  /** @throws BrokerNotReadyError while there is no connection to this broker */
  linkTo(brokerName: string, operation: string): BrokerLink {
    const link = this.links.get(brokerName);
    if (!link?.isUsable) throw this.notReady(operation);
    return link;
  }

  async close(timeoutMs: number): Promise<void> {
    const deadline = Deadline.in(timeoutMs);
    this.isConnected = false;
    this.loop.requestStop();
    this.interrupt.abort();
    this.nameServers.close();
    this.wakeWaiting();
    const farewellMs = Math.min(timeoutMs / 2, this.settings.requestTimeoutMs);
    const farewells = [...this.links.values()].map((link) => link.leave(farewellMs));
    const ended = Promise.all([this.loop.stop(timeoutMs), ...farewells]);
    await waitAtMost(ended, deadline.remainingMs());
    for (const link of this.links.values()) link.close();
  }

  protected async supervise(): Promise<void> {
    this.interrupt = new AbortController();
    const failure = await this.refresh().catch((error: unknown) => error as Error);
    this.conclude(failure);
    if (failure === undefined) {
      await this.untilHeartbeat();
      return;
    }
    // The name server may hear of a new master later than this client of the loss of the old one.
    this.routeIsDueAtMs = 0;
    await this.backOff.pause(this.signal);
  }

  /** @returns why some broker cannot be used, although others can be. @throws when none can be used */
  private async refresh(): Promise<Error | undefined> {
    const looksUpRoute = performance.now() >= this.routeIsDueAtMs;
    const failures: unknown[] = [];
    if (looksUpRoute) await this.lookUpRoute().catch((error: unknown) => failures.push(error));
    const links = this.route.map((broker) => this.refreshLink(broker, looksUpRoute));
    for (const outcome of await Promise.allSettled(links)) {
      if (outcome.status === 'rejected') failures.push(outcome.reason);
    }
    if (this.openLinks().length === 0 && failures.length === 0) {
      throw new Error(
        `no broker ${this.role.uses === 'READ' ? 'hands out' : 'takes'} messages of this topic`,
      );
    }
    return failures[0] as Error | undefined;
  }

  private async lookUpRoute(): Promise<void> {
    this.route = await this.nameServers.route(this.role.topic);
    this.routeIsDueAtMs = performance.now() + ROUTE_INTERVAL_MS;
    for (const [name, link] of this.links) {
      if (this.route.some((broker) => broker.name === name && broker.address === link.route.address))
        continue;
      this.links.delete(name);
      link.close();
    }
  }

  private async refreshLink(broker: BrokerRoute, looksAtTopic: boolean): Promise<void> {
    const { requestTimeoutMs } = this.settings;
    if (this.signal.aborted) return;
    const known = this.links.get(broker.name);
    if (known?.isUsable) {
      known.route = broker;
      await known.heartbeat(requestTimeoutMs);
      if (looksAtTopic) await known.lookAtTopic(requestTimeoutMs);
      return;
    }
    const link = new BrokerLink(broker, this.role, this.clientId, this.settings.brokerSecurity, {
      onRequest: this.onRequest,
      onLost: (lost, cause) => {
        this.onLost(lost, cause);
      },
    });
    this.links.set(broker.name, link);
    try {
      await link.open(requestTimeoutMs);
    } finally {
      if (this.isClosed) link.close();
    }
  }

  private openLinks(): BrokerLink[] {
    const { uses } = this.role;
    return [...this.links.values()].filter(({ isUsable, route }) => {
      return isUsable && (uses === 'READ' ? route.readQueues : route.writeQueues) > 0;
    });
  }

  private onLost(link: BrokerLink, cause: Error): void {
    if (this.links.get(link.route.name) !== link || this.signal.aborted) return;
    if (performance.now() - link.openedAtMs > STABLE_AFTER_MS) this.backOff.reset();
    this.routeIsDueAtMs = 0;
    if (this.isConnected && this.openLinks().length === 0) {
      this.isConnected = false;
      this.report('lost its connection', cause);
    }
    this.interrupt.abort();
  }

  private conclude(failure: Error | undefined): void {
    if (this.signal.aborted) return;
    const wasConnected = this.isConnected;
    this.isConnected = this.openLinks().length > 0;
    if (failure !== undefined)
      this.report(this.isConnected ? 'misses a part of the cluster' : 'cannot connect', failure);
    else this.lastFailure = undefined;
    if (!this.isConnected || wasConnected) return;
    this.announceConnected();
  }

  private get isClosed(): boolean {
    return this.signal.aborted;
  }

  /** Until the next heartbeat is due or a connection is lost; after a loss with a pause, unless it had lived long. */
  private async untilHeartbeat(): Promise<void> {
    const heartbeat = new BackOff(HEARTBEAT_INTERVAL_MS, HEARTBEAT_INTERVAL_MS);
    await heartbeat.pause(this.interrupt.signal);
    if (this.interrupt.signal.aborted) await this.backOff.pause(this.signal);
  }
}
