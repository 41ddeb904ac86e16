import { randomBytes } from 'node:crypto';
import { serviceNamed, topicsOf, type Service, type ServiceName } from '@txmsg/contracts';
import { createServiceDatabase, databaseUrl } from '@txmsg/service/provisioning';
import { RocketmqAdmin } from 'txmsg/admin';
import { adminOptions } from '../../tools/stack/stack-security.js';
import { ServiceProcess } from './service-process.js';
import { sharedServers, userSettings, type Servers } from './servers.js';

/** Servers and clients find each other within seconds; a machine that is busy with other tests takes longer. */
export const READY_DEADLINE_MS = 120_000;
const QUEUES = 4;

/** Whatever else a test has opened and must not leave behind. */
export interface Closable {
  close(): Promise<unknown>;
}

/** Services with databases, topics and groups of their own, in as many processes as a test likes. */
export class TestServices<Name extends ServiceName> {
  /** Names everything of this test, so that it shares nothing with others on the same servers. */
  protected readonly unique: string;
  private readonly processes: Promise<ServiceProcess>[] = [];
  private readonly opened: Promise<Closable>[] = [];
  private isClosed = false;

  protected constructor(
    label: string,
    protected readonly names: readonly Name[],
    readonly servers: Servers,
  ) {
    this.unique = `e2e_${label}_${randomBytes(4).toString('hex')}`;
  }

  static async of<Name extends ServiceName>(
    names: readonly Name[],
    label: string,
    servers: Servers = sharedServers(),
  ): Promise<TestServices<Name>> {
    const services = new TestServices(label, names, servers);
    await services.prepare();
    return services;
  }

  /** Makes databases, topics and groups. */
  protected async prepare(): Promise<void> {
    for (const name of this.names) {
      await createServiceDatabase(this.servers.mysqlRootUrl, name, this.database(name));
    }
    await this.createTopics();
  }

  /** Also for a broker that has lost its store, and with it topics and groups. */
  async createTopics(): Promise<void> {
    const services = this.names.map((name) => this.ownNames(name));
    const admin = this.admin();
    try {
      for (const { topic, type } of topicsOf(this.names.map(serviceNamed))) {
        await admin.createTopic(this.named(topic), type, QUEUES);
      }
      for (const { group, topic } of services.flatMap(({ consumes }) => consumes)) {
        await admin.createConsumerGroup(group);
        await admin.startGroupAtFirstMessage(group, topic);
      }
    } finally {
      admin.close();
    }
  }

  /** Of the broker; to be closed. */
  admin(): RocketmqAdmin {
    const { namesrv, security = {} } = this.servers;
    return new RocketmqAdmin({ namesrv, ...adminOptions(security) });
  }

  /** What the list of services says about topics and groups, with those of this test. */
  ownNames(name: Name): Pick<Service, 'publishes' | 'consumes'> {
    const { publishes, consumes } = serviceNamed(name);
    return {
      publishes: publishes.map(({ topic, type }) => ({ topic: this.named(topic), type })),
      consumes: consumes.map(({ group, topic }) => ({ group: this.named(group), topic: this.named(topic) })),
    };
  }

  /** A topic or group of the list of services, as it is called here. */
  named(topicOrGroup: string): string {
    return `${topicOrGroup}${this.suffix}`;
  }

  database(name: Name): string {
    return `${this.unique}_${name.replaceAll('-', '_')}`;
  }

  /** The database of this service, for its own account. */
  mysqlUrl(name: Name): string {
    return databaseUrl(this.servers.mysqlRootUrl, this.database(name));
  }

  /** Starts one more instance and waits until it is ready for work. */
  async start(name: Name, environment: Readonly<Record<string, string>> = {}): Promise<ServiceProcess> {
    const { MYSQL_URL: mysqlUrl, ROCKETMQ_ENDPOINTS: endpoints, ...rest } = this.environment(name);
    const settings = { ...rest, ...environment };
    const starting = ServiceProcess.start({ service: name, mysqlUrl, endpoints, environment: settings });
    this.processes.push(starting);
    const instance = await starting;
    await instance.waitUntilReady(READY_DEADLINE_MS);
    return instance;
  }

  /** Starts one more instance, which may end at once, without waiting for it. */
  launch(name: Name, environment: Readonly<Record<string, string | undefined>> = {}): ServiceProcess {
    const path = { PATH: process.env.PATH };
    const instance = new ServiceProcess(name, { ...path, ...this.environment(name), ...environment }, 'pipe');
    this.processes.push(Promise.resolve(instance));
    return instance;
  }

  /** Something that is closed with the services, and may be closed before. */
  protected open<T extends Closable>(starting: Promise<T>): Promise<T> {
    this.opened.push(starting);
    return starting;
  }

  /** Ends everything, also what is still starting; databases and topics stay for the analysis of a failure. */
  async close(): Promise<void> {
    this.isClosed = true;
    for (const started of await Promise.allSettled(this.opened)) {
      if (started.status === 'fulfilled') await started.value.close();
    }
    for (const started of await Promise.allSettled(this.processes)) {
      if (started.status === 'fulfilled') await started.value.kill('SIGKILL');
    }
  }

  /** Settings of this kind of test, beside those of the servers and names. */
  protected settings(): Readonly<Record<string, string>> {
    return { NAME_SUFFIX: this.suffix };
  }

  private get suffix(): string {
    return `_${this.unique}`;
  }

  private environment(name: Name) {
    // A test that ran out of time goes on in the background, and would start processes that are never ended.
    if (this.isClosed) throw new Error('The test is over.');
    return {
      MYSQL_URL: this.mysqlUrl(name),
      ROCKETMQ_ENDPOINTS: this.servers.endpoints,
      ROCKETMQ_NAMESRV: this.servers.namesrv,
      // `ROCKETMQ_TRANSPORT=remoting npm test` runs the services of every test with that transport.
      ROCKETMQ_TRANSPORT: process.env.ROCKETMQ_TRANSPORT ?? 'grpc',
      ...(this.servers.user && userSettings(this.servers.user)),
      PORT: '0',
      // A busy machine is slow: as much as is allowed.
      SEND_TIMEOUT_MS: '14000',
      REGISTER_TIMEOUT_MS: '14000',
      ...this.settings(),
    };
  }
}
