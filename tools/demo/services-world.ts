import 'reflect-metadata';
import { join } from 'node:path';
import { mysqlUrlVariable, serviceNamed, variablePrefix, type ServiceName } from '@txmsg/contracts';
import { RocketmqAdmin } from 'txmsg/admin';
import { adminTokenFor } from '../../e2e/kit/admin-token.js';
import { buildServices } from '../../e2e/kit/service-build.js';
import type { StackEnvironment } from '../stack/stack-environment.js';
import { canListen } from '../stack/ports.js';
import { StackError } from '../stack/stack-error.js';
import type { DemoService, DemoServiceOptions } from './demo-service.js';
import { DemoServers } from './demo-servers.js';
import type { Terminal } from './terminal.js';

const NO_FAULTS: readonly object[] = [];

/** Everything that runs for a scene of the demo: the servers, and one instance of each of its services. */
export abstract class ServicesWorld<Name extends ServiceName, Instance extends DemoService<Name>> {
  readonly servers: DemoServers;
  private readonly ports: ReadonlyMap<Name, number>;
  private readonly instances: Instance[] = [];
  private readonly current = new Map<Name, Instance>();
  private environment: StackEnvironment | undefined;
  private preparing: Promise<unknown> = Promise.resolve();
  private isStopping = false;

  /**
   * @param called - what the services are together: "the banks"
   * @param withCoordinator - whether they need Seata's coordinator
   */
  constructor(
    protected readonly terminal: Terminal,
    private readonly names: readonly Name[],
    private readonly called: string,
    withCoordinator = false,
  ) {
    this.ports = new Map(names.map((name) => [name, portOf(name)]));
    this.servers = new DemoServers((line) => {
      terminal.progress(line);
    }, withCoordinator);
  }

  /** Where the servers are. */
  get stack(): StackEnvironment {
    if (!this.environment) throw new Error('the servers have not been started');
    return this.environment;
  }

  get mysqlRootUrl(): string {
    return this.stack.MYSQL_ROOT_URL;
  }

  /** Opens the admin routes of every service here. */
  get adminToken(): string {
    return adminTokenFor(process.env, this.servers.directory);
  }

  /**
   * @param faults - that each service is started with, as the value of its setting FAULTS
   * @param atOnce - the services that run from the beginning; a case starts the others @default all of them
   * @throws StackError with the one sentence that tells what is in the way
   */
  async start(
    faults: Readonly<Partial<Record<ServiceName, readonly object[]>>> = {},
    atOnce: readonly Name[] = this.names,
  ): Promise<void> {
    await this.assertPortsFree();
    this.terminal.progress(`Starting the servers and building ${this.called} …`);
    const built = buildServices(this.names);
    const up = this.servers.start();
    this.preparing = Promise.allSettled([built, up]);
    [, this.environment] = await Promise.all([built, up]);
    this.terminal.progress(`Starting ${atOnce.join(' and ')} …`);
    const instances = atOnce.map((name) => this.launch(name, faults[name]));
    await Promise.all(instances.map((instance) => instance.waitUntilReady()));
  }

  /** Ends all that was started; what was there before stays. May be called at any moment. */
  async stop(): Promise<void> {
    this.isStopping = true;
    if (this.servers.haveBegun) this.terminal.progress('Stopping what the demo has started …');
    await this.preparing;
    await Promise.all(this.instances.map((instance) => instance.stop()));
    await this.servers.stop();
  }

  logFile(name: Name): string {
    return join(this.servers.directory, 'logs', `demo-${name}.log`);
  }

  /** How many messages of a topic there have ever been; undefined where the name server's address is not known. */
  async messagesEver(topic: string): Promise<number | undefined> {
    const { ROCKETMQ_NAMESRV } = this.stack;
    if (!ROCKETMQ_NAMESRV) return undefined;
    const admin = new RocketmqAdmin({ namesrv: ROCKETMQ_NAMESRV });
    try {
      return await admin.messagesEver(topic);
    } finally {
      admin.close();
    }
  }

  protected abstract make(name: Name, options: DemoServiceOptions): Instance;

  /** Settings beside those that every service gets. */
  protected ownSettings(): Readonly<Record<string, string>> {
    return {};
  }

  /** The instance that was started last. */
  protected instance(name: Name): Instance {
    const instance = this.current.get(name);
    if (!instance) throw new Error(`${name} has not been started`);
    return instance;
  }

  protected port(name: Name): number {
    return this.ports.get(name) ?? 0;
  }

  /**
   * Another instance, on the port of the one that has ended; it knows only what the database holds.
   * @param other - settings that differ from those of the others, PORT too
   */
  protected launch(name: Name, faults = NO_FAULTS, other: Readonly<Record<string, string>> = {}): Instance {
    // A stop that was asked for meanwhile must leave nothing new running.
    if (this.isStopping) throw new StackError('The demo is being stopped.');
    const { [mysqlUrlVariable(name)]: mysqlUrl, ROCKETMQ_ENDPOINTS, ROCKETMQ_NAMESRV } = this.stack;
    const instance = this.make(name, {
      port: Number(other.PORT ?? this.port(name)),
      prefix: serviceNamed(name).prefix,
      logFile: this.logFile(name),
      environment: {
        ...process.env,
        // Faults are refused in production mode, and the demo is about faults.
        NODE_ENV: 'development',
        HOST: '127.0.0.1',
        PORT: String(this.port(name)),
        MYSQL_URL: mysqlUrl,
        ROCKETMQ_ENDPOINTS,
        ROCKETMQ_NAMESRV,
        // The local stack has topics and groups without one.
        NAME_SUFFIX: '',
        ADMIN_TOKEN: this.adminToken,
        // The steps of a message are debug lines.
        LOG_LEVEL: 'debug',
        FAULTS: JSON.stringify(faults),
        ...this.ownSettings(),
        ...other,
      },
    });
    this.instances.push(instance);
    this.current.set(name, instance);
    return instance;
  }

  private async assertPortsFree(): Promise<void> {
    for (const name of this.names) {
      const port = this.port(name);
      if (await canListen(port)) continue;
      const variable = `${variablePrefix(name)}_PORT`;
      throw new StackError(
        `Port ${port} is already in use (is ${name} running already?): stop that program, or set ${variable} to a free port.`,
      );
    }
  }
}

function portOf(name: ServiceName): number {
  const variable = `${variablePrefix(name)}_PORT`;
  const text = process.env[variable];
  if (!text) return serviceNamed(name).port;
  const port = Number(text);
  if (Number.isInteger(port) && port >= 1 && port <= 65_535) return port;
  throw new StackError(`${variable} is "${text}": a port from 1 to 65535 was expected.`);
}
