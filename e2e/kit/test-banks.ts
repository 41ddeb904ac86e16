import { randomBytes } from 'node:crypto';
import {
  BANK1_RESULT_CONSUMER_GROUP,
  BANK2_CONSUMER_GROUP,
  BANKS,
  RESULT_TOPIC,
  serviceNamed,
  TRANSFER_TOPIC,
  type Bank,
  type Service,
} from '@txmsg/contracts';
import { createServiceDatabase, databaseUrl } from '@txmsg/service/provisioning';
import { RocketmqAdmin } from 'txmsg/admin';
import { eventually } from 'txmsg/testing';
import { adminOptions } from '../../tools/stack/stack-security.js';
import { Books } from './books.js';
import { ForeignSender } from './foreign-sender.js';
import { ResultSender } from './result-sender.js';
import { ServiceProcess } from './service-process.js';
import { sharedServers, userSettings, type Servers } from './servers.js';

/** Servers and clients find each other within seconds; a machine that is busy with other tests takes longer. */
const READY_DEADLINE_MS = 60_000;
const QUEUES = 4;

/** The deadline that banks have by themselves, for calls that are meant to fail. */
export const IMPATIENT = { SEND_TIMEOUT_MS: '3000' };

/** Both banks with databases, a topic and groups of their own, in as many processes as a test likes. */
export class TestBanks {
  private readonly processes: Promise<ServiceProcess>[] = [];
  private readonly senders: Promise<ForeignSender | ResultSender>[] = [];
  private isClosed = false;

  private constructor(
    readonly servers: Servers,
    private readonly unique: string,
    readonly books: Books,
  ) {}

  static async create(label: string, servers: Servers = sharedServers()): Promise<TestBanks> {
    const unique = `e2e_${label}_${randomBytes(4).toString('hex')}`;
    const books = new Books(servers.mysqlRootUrl, `${unique}_bank1`, `${unique}_bank2`);
    const banks = new TestBanks(servers, unique, books);
    for (const bank of BANKS) {
      await createServiceDatabase(servers.mysqlRootUrl, bank, banks.database(bank));
    }
    await banks.createTopics();
    return banks;
  }

  /** Also for a broker that has lost its store, and with it topics and groups. */
  async createTopics(): Promise<void> {
    const admin = this.admin();
    const groups = [
      [this.topic, this.consumerGroup, 'TRANSACTION'],
      [this.resultTopic, this.resultConsumerGroup, 'NORMAL'],
    ] as const;
    try {
      for (const [topic, group, type] of groups) {
        await admin.createTopic(topic, type, QUEUES);
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

  get topic(): string {
    return `${this.unique}_topic`;
  }

  get resultTopic(): string {
    return `${this.unique}_results`;
  }

  get resultConsumerGroup(): string {
    return `${this.unique}_result_consumers`;
  }

  get producerGroup(): string {
    return `${this.unique}_producers`;
  }

  get consumerGroup(): string {
    return `${this.unique}_consumers`;
  }

  /** What the list of services says about topics and groups, with those of this test. */
  ownNames(bank: Bank): Pick<Service, 'publishes' | 'consumes'> {
    const own = {
      [TRANSFER_TOPIC]: this.topic,
      [RESULT_TOPIC]: this.resultTopic,
      [BANK2_CONSUMER_GROUP]: this.consumerGroup,
      [BANK1_RESULT_CONSUMER_GROUP]: this.resultConsumerGroup,
    };
    const nameOf = (name: string): string => own[name as keyof typeof own];
    const { publishes, consumes } = serviceNamed(bank);
    return {
      publishes: publishes.map(({ topic, type }) => ({ topic: nameOf(topic), type })),
      consumes: consumes.map(({ group, topic }) => ({ group: nameOf(group), topic: nameOf(topic) })),
    };
  }

  /** The database of this bank, for its own account. */
  mysqlUrl(bank: Bank): string {
    return databaseUrl(this.servers.mysqlRootUrl, this.database(bank));
  }

  /** Starts one more instance and waits until it is ready for work. */
  async start(bank: Bank, environment: Readonly<Record<string, string>> = {}): Promise<ServiceProcess> {
    const { MYSQL_URL: mysqlUrl, ROCKETMQ_ENDPOINTS: endpoints, ...rest } = this.environment(bank);
    const settings = { ...rest, ...environment };
    const starting = ServiceProcess.start({ service: bank, mysqlUrl, endpoints, environment: settings });
    this.processes.push(starting);
    const instance = await starting;
    await instance.waitUntilReady(READY_DEADLINE_MS);
    return instance;
  }

  /** Starts one more instance, which may end at once, without waiting for it. */
  launch(bank: Bank, environment: Readonly<Record<string, string | undefined>> = {}): ServiceProcess {
    const path = { PATH: process.env.PATH };
    const instance = new ServiceProcess(bank, { ...path, ...this.environment(bank), ...environment }, 'pipe');
    this.processes.push(Promise.resolve(instance));
    return instance;
  }

  /** One more sender on the transfer topic, which may be closed before the banks are. */
  foreignSender(): Promise<ForeignSender> {
    const starting = ForeignSender.start(this.servers, this.topic);
    this.senders.push(starting);
    return starting;
  }

  /** One more sender on the result topic, which may be closed before the banks are. */
  resultSender(): Promise<ResultSender> {
    const starting = ResultSender.start(this.servers, this.resultTopic);
    this.senders.push(starting);
    return starting;
  }

  /** Lets every barrier row become as old as the retention, and the banks' own purge delete them all. */
  async purgeBarriers(): Promise<void> {
    await this.books.ageBarriers();
    const purging = await Promise.all(
      BANKS.map((bank) => this.start(bank, { RETENTION_INTERVAL_MS: '100' })),
    );
    await eventually(async () => (await this.books.agedBarriers()) === 0, { timeoutMs: READY_DEADLINE_MS });
    for (const instance of purging) await instance.kill('SIGTERM');
  }

  /** Ends every process and sender, also those that are still starting; databases and topic stay for the analysis of a failure. */
  async close(): Promise<void> {
    this.isClosed = true;
    for (const started of await Promise.allSettled(this.senders)) {
      if (started.status === 'fulfilled') await started.value.close();
    }
    for (const started of await Promise.allSettled(this.processes)) {
      if (started.status === 'fulfilled') await started.value.kill('SIGKILL');
    }
    await this.books.close();
  }

  private environment(bank: Bank) {
    // A test that ran out of time goes on in the background, and would start processes that are never ended.
    if (this.isClosed) throw new Error('The test is over.');
    return {
      MYSQL_URL: this.mysqlUrl(bank),
      ROCKETMQ_ENDPOINTS: this.servers.endpoints,
      ROCKETMQ_NAMESRV: this.servers.namesrv,
      // `ROCKETMQ_TRANSPORT=remoting npm test` runs the banks of every test with that transport.
      ROCKETMQ_TRANSPORT: process.env.ROCKETMQ_TRANSPORT ?? 'grpc',
      ...(this.servers.user && userSettings(this.servers.user)),
      PORT: '0',
      TRANSFER_TOPIC: this.topic,
      PRODUCER_GROUP: this.producerGroup,
      CONSUMER_GROUP: this.consumerGroup,
      RESULT_TOPIC: this.resultTopic,
      RESULT_CONSUMER_GROUP: this.resultConsumerGroup,
      // It would heal what the tests of the fence look for.
      RECONCILE_INTERVAL_MS: '0',
      // A busy machine is slow: as much as is allowed.
      SEND_TIMEOUT_MS: '14000',
      // Nobody listens there, whatever else runs on this machine.
      BANK2_URL: 'http://127.0.0.1:9',
    };
  }

  private database(bank: Bank): string {
    return `${this.unique}_${bank}`;
  }
}
