import { Injectable } from '@nestjs/common';
import type { HealthIndicatorResult } from '@nestjs/terminus';
import { Readings, type Observation } from '../telemetry/readings.js';
import { MysqlHealthIndicator } from './mysql.health-indicator.js';

const READY = 'service.ready';

type Check = () => Promise<HealthIndicatorResult>;

/** What must be there for a service to do its work, by the names that probes and metrics show. */
@Injectable()
export class Readiness {
  private readonly all: Check[];

  constructor(mysql: MysqlHealthIndicator, readings: Readings) {
    this.all = [() => Promise.resolve(mysql.isHealthy('mysql'))];
    readings.observe({
      name: 'readiness',
      gauges: { [READY]: { description: '1 when readiness says "up" for the component, 0 otherwise.' } },
      read: () => this.observations(),
    });
  }

  get checks(): readonly Check[] {
    return this.all;
  }

  /** For modules that reach another server: called once, before the service listens. */
  require(check: Check): void {
    this.all.push(check);
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
