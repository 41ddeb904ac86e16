import {
  BANK1_PRODUCER_GROUP,
  BANK1_RESULT_CONSUMER_GROUP,
  BANK1_TOP_UP_CONSUMER_GROUP,
  BANK2_CONSUMER_GROUP,
  BANKS,
  NOTIFY_TOPIC,
  RESULT_TOPIC,
  TRANSFER_TOPIC,
  type Bank,
} from '@txmsg/contracts';
import { eventually } from 'txmsg/testing';
import { Books } from './books.js';
import { ForeignSender } from './foreign-sender.js';
import { ResultSender } from './result-sender.js';
import { sharedServers, type Servers } from './servers.js';
import { READY_DEADLINE_MS, TestServices } from './test-services.js';

/** The deadline that banks have by themselves, for calls that are meant to fail. */
export const IMPATIENT = { SEND_TIMEOUT_MS: '3000' };

/** Both banks with databases, a topic and groups of their own, in as many processes as a test likes. */
export class TestBanks extends TestServices<Bank> {
  readonly books: Books;

  private constructor(label: string, servers: Servers) {
    super(label, BANKS, servers);
    this.books = new Books(servers.mysqlRootUrl, this.database('bank1'), this.database('bank2'));
  }

  static async create(label: string, servers: Servers = sharedServers()): Promise<TestBanks> {
    const banks = new TestBanks(label, servers);
    await banks.prepare();
    return banks;
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

  get notifyTopic(): string {
    return `${this.unique}_notify`;
  }

  get topUpConsumerGroup(): string {
    return `${this.unique}_top_up_consumers`;
  }

  get producerGroup(): string {
    return `${this.unique}_producers`;
  }

  get consumerGroup(): string {
    return `${this.unique}_consumers`;
  }

  /** The banks have a setting for each of their names. */
  override named(topicOrGroup: string): string {
    const own = {
      [TRANSFER_TOPIC]: this.topic,
      [RESULT_TOPIC]: this.resultTopic,
      [NOTIFY_TOPIC]: this.notifyTopic,
      [BANK1_PRODUCER_GROUP]: this.producerGroup,
      [BANK2_CONSUMER_GROUP]: this.consumerGroup,
      [BANK1_RESULT_CONSUMER_GROUP]: this.resultConsumerGroup,
      [BANK1_TOP_UP_CONSUMER_GROUP]: this.topUpConsumerGroup,
    };
    return own[topicOrGroup as keyof typeof own];
  }

  /** One more sender on the transfer topic, which may be closed before the banks are. */
  foreignSender(): Promise<ForeignSender> {
    return this.open(ForeignSender.start(this.servers, this.topic));
  }

  /** One more sender on the result topic, which may be closed before the banks are. */
  resultSender(): Promise<ResultSender> {
    return this.open(ResultSender.start(this.servers, this.resultTopic));
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

  override async close(): Promise<void> {
    await super.close();
    await this.books.close();
  }

  protected override settings(): Readonly<Record<string, string>> {
    return {
      TRANSFER_TOPIC: this.topic,
      PRODUCER_GROUP: this.producerGroup,
      CONSUMER_GROUP: this.consumerGroup,
      RESULT_TOPIC: this.resultTopic,
      RESULT_CONSUMER_GROUP: this.resultConsumerGroup,
      NOTIFY_TOPIC: this.notifyTopic,
      TOP_UP_CONSUMER_GROUP: this.topUpConsumerGroup,
      // It would heal what the tests of the fence look for.
      RECONCILE_INTERVAL_MS: '0',
      // Nobody listens there, whatever else runs on this machine.
      BANK2_URL: 'http://127.0.0.1:9',
    };
  }
}
