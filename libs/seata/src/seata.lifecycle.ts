import {
  Inject,
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { Deadline } from 'txmsg';
import { AtResource } from './at/index.js';
import { CoordinatorChannels } from './channel/index.js';
import { BranchDispatcher } from './rm/branch.dispatcher.js';
import { ResourceRegistry } from './rm/resource.registry.js';
import { FencePurge } from './tcc/fence.purge.js';
import { SEATA_SETTINGS, type SeataSettings } from './seata.options.js';
import { CommitDecision } from './tm/commit-decision.js';

/** Starts and stops the library with the application. */
@Injectable()
export class SeataLifecycle
  implements OnApplicationBootstrap, BeforeApplicationShutdown, OnApplicationShutdown
{
  private readonly logger = new Logger(SeataLifecycle.name);

  constructor(
    private readonly channels: CoordinatorChannels,
    private readonly dispatcher: BranchDispatcher,
    private readonly fencePurge: FencePurge,
    private readonly registry: ResourceRegistry,
    private readonly at: AtResource,
    private readonly decision: CommitDecision,
    @Inject(SEATA_SETTINGS) private readonly settings: SeataSettings,
  ) {}

  /** Waits for the coordinator a while; without it the service starts, and its health says so. */
  async onApplicationBootstrap(): Promise<void> {
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
      missing: missing.join(', '),
    });
  }

  /** Requests are still served: what they end may have branches here. */
  async beforeApplicationShutdown(): Promise<void> {
    const { shutdownTimeoutMs } = this.settings;
    await Promise.all([
      this.fencePurge.stop(shutdownTimeoutMs),
      this.at.stop(shutdownTimeoutMs),
      this.dispatcher.idle(shutdownTimeoutMs),
    ]);
  }

  /** Requests have ended. The coordinator asks another process, or this one later, for branches that are answered "retry". */
  async onApplicationShutdown(): Promise<void> {
    const { shutdownTimeoutMs } = this.settings;
    await this.dispatcher.stop(shutdownTimeoutMs);
    await this.channels.stop(shutdownTimeoutMs);
  }
}
