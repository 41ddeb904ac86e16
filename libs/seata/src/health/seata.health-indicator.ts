import { Injectable } from '@nestjs/common';
import { HealthIndicatorService, type HealthIndicatorResult } from '@nestjs/terminus';
import type { CoordinatorChannels } from '../channel/index.js';

/** For readiness probes: up while this service is connected to the coordinator and registered, as TM and, with branches, as RM. */
@Injectable()
export class SeataHealthIndicator {
  /** @internal Made by the module; inject it. */
  constructor(
    private readonly health: HealthIndicatorService,
    private readonly channels: Pick<CoordinatorChannels, 'notReady'>,
  ) {}

  /** Looks at what is known already; asks nobody, and never waits. */
  isHealthy<const Key extends string>(key: Key): HealthIndicatorResult<Key> {
    const check = this.health.check(key);
    const notReady = this.channels.notReady();
    return notReady.length === 0
      ? check.up()
      : check.down(`not connected to the Seata coordinator: ${notReady.join(', ')}`);
  }
}
