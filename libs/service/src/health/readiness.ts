import { Injectable } from '@nestjs/common';
import type { HealthIndicatorResult } from '@nestjs/terminus';
import { TxMsgHealthIndicator } from 'txmsg';
import { Readings, type Observation } from '../telemetry/readings.js';
import { MysqlHealthIndicator } from './mysql.health-indicator.js';

const READY = 'service.ready';

/** What must be there for a service to do its work, by the names that probes and metrics show. */
@Injectable()
export class Readiness {
  readonly checks: readonly (() => Promise<HealthIndicatorResult>)[];

  constructor(mysql: MysqlHealthIndicator, rocketmq: TxMsgHealthIndicator, readings: Readings) {
    this.checks = [
      () => Promise.resolve(mysql.isHealthy('mysql')),
      () => Promise.resolve(rocketmq.isHealthy('rocketmq')),
    ];
    readings.observe({
      name: 'readiness',
      gauges: { [READY]: { description: '1 when readiness says "up" for the component, 0 otherwise.' } },
      read: () => this.observations(),
    });
  }

  private async observations(): Promise<Observation<typeof READY>[]> {
    const results = await Promise.all(this.checks.map((check) => check()));
    return results
      .flatMap((result) => Object.entries(result))
      .map(([component, { status }]) => ({
        gauge: READY,
        value: status === 'up' ? 1 : 0,
        attributes: { 'service.component': component },
      }));
  }
}
