import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { mysqlUrlVariable, type ServiceName } from '@txmsg/contracts';
import { buildServices } from '../../e2e/kit/service-build.js';
import { freePort } from '../stack/ports.js';
import type { StackEnvironment } from '../stack/stack-environment.js';
import { ChaosLog } from './chaos-log.js';
import type { ChaosOptions } from './chaos-options.js';
import { ChaosServers } from './chaos-servers.js';
import { ChaosService } from './chaos-service.js';
import {
  instancesOf,
  SERVER_TARGETS,
  type InstanceTarget,
  type ServerTarget,
  type Target,
} from './fault-plan.js';
import { askedBy, needsCoordinator, newSecrets, ownSettings } from './service-settings.js';
import { servicesOf } from './workloads.js';

/** Servers and services of a run, with a folder of their own, which begins empty. */
export class ChaosWorld {
  readonly log: ChaosLog;
  readonly secrets = newSecrets();
  /** Services that ended though nobody had killed them. */
  readonly unexpectedEnds: string[] = [];
  readonly names: readonly InstanceTarget[];
  private readonly services: readonly ServiceName[];
  private readonly instances = new Map<InstanceTarget, ChaosService>();
  private readonly servers: ChaosServers;
  private starting: Promise<unknown> = Promise.resolve();
  private isStopping = false;

  constructor(
    private readonly options: Pick<ChaosOptions, 'of' | 'previous' | 'transport' | 'seata'>,
    onProgress: (line: string) => void,
  ) {
    this.services = servicesOf(options.of);
    this.names = instancesOf(this.services);
    this.servers = new ChaosServers(options.seata, onProgress);
    const logs = join(this.directory, 'service-logs');
    rmSync(logs, { recursive: true, force: true });
    this.log = new ChaosLog(logs);
  }

  get directory(): string {
    return this.servers.directory;
  }

  /** What may be disturbed beside the services. */
  get serverNames(): readonly ServerTarget[] {
    return this.servers.names;
  }

  get environment(): StackEnvironment {
    return this.servers.environment;
  }

  async start(): Promise<void> {
    this.starting = Promise.allSettled([this.servers.start(), buildServices(this.services)]);
    for (const result of (await this.starting) as PromiseSettledResult<unknown>[]) {
      if (result.status === 'rejected') throw result.reason;
    }
    for (const name of this.names) this.instances.set(name, await this.makeInstance(name));
    for (const service of this.services) await this.startService(service);
  }

  /** The instances of a service that may answer just now. */
  readonly urlsOf = (service: ServiceName): string[] =>
    instancesOf([service]).flatMap((name) => this.instances.get(name)?.url ?? []);

  async kill(target: Target): Promise<void> {
    if (isServer(target)) await this.servers.kill(target);
    else await this.instance(target).kill();
  }

  /** Starts what was killed, and waits until it works as far as its neighbours let it. */
  async startAgain(target: Target): Promise<void> {
    if (this.isStopping) return;
    if (isServer(target)) await this.servers.startAgain(target);
    else this.instance(target).start();
  }

  async freeze(target: Target): Promise<void> {
    if (isServer(target)) this.servers.freeze(target);
    else await this.instance(target).signal('SIGSTOP');
  }

  async thaw(target: Target): Promise<void> {
    if (isServer(target)) this.servers.thaw(target);
    else await this.instance(target).signal('SIGCONT');
  }

  wipeBroker(): Promise<void> {
    return this.servers.wipeBroker();
  }

  /** Everything runs and is ready when this returns. */
  async heal(): Promise<void> {
    await this.servers.heal();
    const instances = [...this.instances.values()];
    for (const instance of instances) await instance.signal('SIGCONT');
    await Promise.all(instances.map((instance) => instance.untilReady()));
  }

  /** Ends every process; the data stay for inspection. May be called at any moment, and again. */
  async stop(): Promise<void> {
    this.isStopping = true;
    await this.starting;
    await Promise.all([...this.instances.values()].map((instance) => instance.stop()));
    await this.servers.stop();
  }

  private async makeInstance(name: InstanceTarget): Promise<ChaosService> {
    const onEnd = (what: string): void => {
      this.unexpectedEnds.push(what);
    };
    const checkout = name.endsWith('-b') ? this.options.previous : undefined;
    return new ChaosService(name, await freePort(), {}, this.log, onEnd, checkout);
  }

  private async startService(service: ServiceName): Promise<void> {
    const names = instancesOf([service]);
    for (const name of names) {
      if (this.isStopping) return;
      this.instance(name).start(this.settingsOf(name));
    }
    await Promise.all(names.map((name) => this.instance(name).untilReady()));
  }

  /** Everything that takes minutes by default takes seconds here, so that a run ends. */
  private settingsOf(name: InstanceTarget): NodeJS.ProcessEnv {
    const { service } = this.instance(name);
    const { ROCKETMQ_ENDPOINTS, ROCKETMQ_NAMESRV, SEATA_SERVER, ...urls } = this.environment;
    // Each instance asks its own neighbour.
    const neighbours = askedBy(service, this.services).map(
      (asked) => [asked.setting, this.instance(sameSide(name, asked.service)).origin] as const,
    );
    return {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      NODE_ENV: 'production',
      ADMIN_TOKEN: this.secrets.adminToken,
      MYSQL_URL: urls[mysqlUrlVariable(service)],
      ROCKETMQ_TRANSPORT: this.transportOf(name),
      ROCKETMQ_ENDPOINTS,
      ROCKETMQ_NAMESRV,
      ...(needsCoordinator(service, this.services) && { SEATA_SERVER }),
      // A service that is started while MySQL is frozen or down must not give up.
      DATABASE_START_TIMEOUT_MS: '300000',
      RECONCILE_AFTER_MS: '10000',
      RECONCILE_INTERVAL_MS: '2000',
      ...ownSettings(service, this.secrets),
      ...Object.fromEntries(neighbours),
    };
  }

  private transportOf(name: InstanceTarget): string {
    const { transport } = this.options;
    if (transport !== 'mixed') return transport;
    return name.endsWith('-a') ? 'remoting' : 'grpc';
  }

  private instance(name: InstanceTarget): ChaosService {
    const instance = this.instances.get(name);
    if (instance === undefined) throw new Error(`there is no ${name}`);
    return instance;
  }
}

function sameSide(name: InstanceTarget, service: ServiceName): InstanceTarget {
  return `${service}-${name.endsWith('-a') ? 'a' : 'b'}`;
}

function isServer(target: Target): target is ServerTarget {
  return SERVER_TARGETS.includes(target as ServerTarget);
}
