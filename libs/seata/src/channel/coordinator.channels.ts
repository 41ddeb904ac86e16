import type { Deadline } from 'txmsg';
import { MalformedFrameError } from '../errors/index.js';
import type { ChannelSettings } from './channel-settings.js';
import { CoordinatorChannel, type ChannelRole } from './coordinator.channel.js';
import { LIVENESS, type Liveness, type RequestHandler } from './coordinator.connection.js';

/** The version of Seata's own client that speaks as this library does. */
const CLIENT_VERSION = '1.8.0';

/** What the RM's connection is made for. */
export interface ResourceManagerPort {
  /** What this process serves. The connection is made as soon as there is one. */
  readonly resourceIds: () => readonly string[];
  /** What the coordinator asks of it. */
  readonly onRequest: RequestHandler;
}

/** Both connections of this process. */
export class CoordinatorChannels {
  readonly tm: CoordinatorChannel;
  readonly rm: CoordinatorChannel;

  constructor(
    settings: ChannelSettings,
    resourceManager: ResourceManagerPort,
    liveness: Liveness = LIVENESS,
  ) {
    const { applicationId, txServiceGroup } = settings;
    const identity = { version: CLIENT_VERSION, applicationId, txServiceGroup, extraData: '' };
    this.tm = new CoordinatorChannel(
      'TM',
      settings,
      () => ({ type: 'RegisterTm', ...identity }),
      ({ type }) => {
        throw new MalformedFrameError(`a ${type} on the TM's connection`);
      },
      liveness,
    );
    this.rm = new CoordinatorChannel(
      'RM',
      settings,
      () => {
        const resourceIds = resourceManager.resourceIds();
        if (resourceIds.length === 0) return undefined;
        return { type: 'RegisterRm', ...identity, resourceIds: resourceIds.join(',') };
      },
      resourceManager.onRequest,
      liveness,
    );
  }

  start(): void {
    this.tm.start();
    this.rm.start();
  }

  /** Resolves when both are ready, at the latest when the deadline has passed. */
  async ready(deadline: Deadline): Promise<void> {
    await Promise.all([this.tm.ready(deadline), this.rm.ready(deadline)]);
  }

  /** The connections that are needed and not there. */
  notReady(): readonly ChannelRole[] {
    return [this.tm, this.rm].flatMap(({ isReady, role }) => (isReady ? [] : [role]));
  }

  async stop(timeoutMs: number): Promise<void> {
    await Promise.all([this.tm.stop(timeoutMs), this.rm.stop(timeoutMs)]);
  }
}
