import { Injectable } from '@nestjs/common';
import { HealthIndicatorService, type HealthIndicatorResult } from '@nestjs/terminus';
import { BrokerClients } from '../broker/index.js';

/**
 * For readiness probes: up while every producer and consumer of this service is connected to the broker; always up in a service
 * without any. It does not ask MySQL: combine it with an indicator of the database, such as terminus's `TypeOrmHealthIndicator`.
 */
@Injectable()
export class TxMsgHealthIndicator {
  /** @internal Made by the module; inject it. */
  constructor(
    private readonly health: HealthIndicatorService,
    private readonly clients: BrokerClients,
  ) {}

  /** Looks at what is known already; asks nobody, and never waits. */
  isHealthy<const Key extends string>(key: Key): HealthIndicatorResult<Key> {
    const check = this.health.check(key);
    const notReady = this.clients.notReady();
    return notReady.length === 0
      ? check.up()
      : check.down(`not connected to RocketMQ: ${notReady.join(', ')}`);
  }
}
