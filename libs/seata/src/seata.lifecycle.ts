import {
  Inject,
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type OnModuleDestroy,
} from '@nestjs/common';
import { Deadline } from 'txmsg';
import { AtResource } from './at/index.js';
import { CoordinatorChannels, coordinatorPlace } from './channel/index.js';
import { BranchDispatcher } from './rm/branch.dispatcher.js';
import { ResourceRegistry } from './rm/resource.registry.js';
import { FencePurge } from './tcc/fence.purge.js';
import { SEATA_SETTINGS, type SeataSettings } from './seata.options.js';
import { SeataStartChecks } from './seata.start-checks.js';
import { CommitDecision } from './tm/commit-decision.js';

/** Starts and stops the library with the application. */
@Injectable()
export class SeataLifecycle
  implements OnApplicationBootstrap, OnModuleDestroy, BeforeApplicationShutdown, OnApplicationShutdown
{
  private readonly logger = new Logger(SeataLifecycle.name);
  private ending: { readonly deadline: Deadline; readonly purges: Promise<unknown> } | undefined;

  constructor(
    private readonly channels: CoordinatorChannels,
    private readonly dispatcher: BranchDispatcher,
    private readonly fencePurge: FencePurge,
    private readonly registry: ResourceRegistry,
    private readonly at: AtResource,
    private readonly decision: CommitDecision,
    private readonly checks: SeataStartChecks,
    @Inject(SEATA_SETTINGS) private readonly settings: SeataSettings,
  ) {}

  /**
   * Waits for the coordinator a while; without it the service starts, and its health says so.
   * @throws TxMsgConfigurationError when the database's settings are wrong, DatabaseUnavailableError when it is away
   */
  async onApplicationBootstrap(): Promise<void> {
    await this.checks.run();
    if (this.settings.at !== undefined) {
      await this.at.start();
      this.registry.register(this.at);
    }
    this.registry.register(this.decision);
    this.channels.start();
    this.fencePurge.start();
    await this.channels.ready(Deadline.in(this.settings.startTimeoutMs));
    const missing = this.channels.notReady();
    if (missing.length === 0) return;
    this.logger.warn({
      message: 'started without the Seata coordinator; no global transaction begins until it is there',
      server: coordinatorPlace(this.settings),
      missing: missing.join(', '),
    });
  }

  /** No purge begins from this moment on, however long other modules wait in the hooks below. */
  onModuleDestroy(): void {
    this.end();
  }

  /** Requests are still served: what they end may have branches here. */
  async beforeApplicationShutdown(): Promise<void> {
    const { deadline, purges } = this.end();
    await Promise.all([purges, this.dispatcher.idle(deadline.remainingMs())]);
  }

  /** Requests have ended. The coordinator asks another process, or this one later, for branches that are answered "retry". */
  async onApplicationShutdown(): Promise<void> {
    await this.dispatcher.stop(this.end().deadline.remainingMs());
    // Cut at once; what is waited for is only that nothing of them is left.
    await this.channels.stop(this.settings.shutdownTimeoutMs);
  }

  /** Everything has the same time, from the first call on. */
  private end(): NonNullable<SeataLifecycle['ending']> {
    const { shutdownTimeoutMs } = this.settings;
    return (this.ending ??= {
      deadline: Deadline.in(shutdownTimeoutMs),
      purges: Promise.all([this.fencePurge.stop(shutdownTimeoutMs), this.at.stop(shutdownTimeoutMs)]),
    });
  }
}
