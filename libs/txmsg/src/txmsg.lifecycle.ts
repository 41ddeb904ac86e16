import {
  Inject,
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type OnModuleDestroy,
} from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { claimScopes, readDatabaseIdentity } from './barrier/index.js';
import { ConsumerRuntime } from './consumer/consumer.runtime.js';
import { ReservedConnections, withConnection } from './database/index.js';
import { TxMsgConfigurationError } from './errors/index.js';
import { TxMsgGauges } from './gauges/txmsg.gauges.js';
import { JobRuntime } from './jobs/index.js';
import { OutboxRelay } from './outbox/index.js';
import { FINISHED_JOBS, RetentionJob } from './retention/index.js';
import { ProducerRuntime } from './transaction/producer.runtime.js';
import { TXMSG_DATA_SOURCE, TXMSG_SETTINGS, type TxMsgSettings } from './options/txmsg.options.js';
import { DATABASE_CHECK_TIMEOUT_MS, StartChecks } from './txmsg.start-checks.js';

/**
 * Starts and stops the library with the application: reports everything that is wrong before anything runs, and lets
 * running work finish before the application closes its database.
 */
@Injectable()
export class TxMsgLifecycle
  implements OnApplicationBootstrap, OnModuleDestroy, BeforeApplicationShutdown, OnApplicationShutdown
{
  private readonly logger = new Logger(TxMsgLifecycle.name);
  private stopped: Promise<unknown> | undefined;

  constructor(
    @Inject(TXMSG_SETTINGS) private readonly settings: TxMsgSettings,
    @Inject(TXMSG_DATA_SOURCE) private readonly dataSource: DataSource,
    private readonly reserved: ReservedConnections,
    private readonly checks: StartChecks,
    private readonly producers: ProducerRuntime,
    private readonly consumers: ConsumerRuntime,
    private readonly relay: OutboxRelay,
    private readonly jobs: JobRuntime,
    private readonly retention: RetentionJob,
    private readonly gauges: TxMsgGauges,
  ) {}

  /**
   * @throws TxMsgConfigurationError with everything that is wrong. RocketMQ may be away: clients connect when it is there.
   * @throws DatabaseUnavailableError when nothing is wrong but that the database cannot be reached
   */
  async onApplicationBootstrap(): Promise<void> {
    const { senders, receivers, jobs, scopes, problems, warnings } = await this.checks.run();
    for (const warning of warnings) this.logger.warn(warning);
    refuse(problems);
    // After all checks, so that a service which cannot start claims no name.
    refuse(
      await withConnection(this.dataSource, DATABASE_CHECK_TIMEOUT_MS, (connection) =>
        claimScopes(connection, scopes),
      ),
    );
    const databaseId = await readDatabaseIdentity(this.dataSource);
    this.producers.start(senders, databaseId);
    this.relay.start();
    // Before messages come, whose handlers may start jobs.
    this.jobs.start(jobs);
    this.consumers.start(receivers);
    this.retention.start((table) => table !== FINISHED_JOBS || jobs.length > 0);
    this.gauges.start(
      receivers.map(({ consumerGroup }) => consumerGroup),
      jobs.map(({ kind }) => kind),
    );
  }

  /**
   * No message is received from this moment on. The hook below would be too late: Nest calls it for one module after
   * another, and while another module waits in its own, this one would go on consuming.
   */
  onModuleDestroy(): void {
    this.stopped ??= this.stop();
    // The error is reported to Nest by the hook below.
    this.stopped.catch(() => undefined);
  }

  async beforeApplicationShutdown(): Promise<void> {
    await (this.stopped ??= this.stop());
  }

  async onApplicationShutdown(): Promise<void> {
    await this.reserved.close();
  }

  private stop(): Promise<unknown> {
    const { shutdownTimeoutMs } = this.settings;
    this.gauges.stop();
    return Promise.all([
      this.consumers.stop(shutdownTimeoutMs),
      this.producers.stop(shutdownTimeoutMs),
      this.relay.stop(shutdownTimeoutMs),
      this.jobs.stop(shutdownTimeoutMs),
      this.retention.stop(shutdownTimeoutMs),
    ]);
  }
}

function refuse(problems: readonly string[]): void {
  if (problems.length > 0) throw new TxMsgConfigurationError(problems);
}
