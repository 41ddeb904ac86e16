import { Injectable } from '@nestjs/common';
import { HealthIndicatorService, type HealthCheckAttempt } from '@nestjs/terminus';
import { withConnection } from 'txmsg/building-blocks';
import { DataSource } from 'typeorm';
import { ServiceSettings } from '../configuration/service-settings.js';

/** Probes share one answer for so long, so that nobody can make a service use up connections with them. */
const CACHE_MS = 250;

/**
 * Asks MySQL on a connection of the pool that does the work: while those hang, new connections may work, and the service
 * does not. A connection that does not answer in time is closed, as everywhere.
 */
@Injectable()
export class MysqlHealthIndicator {
  constructor(
    private readonly health: HealthIndicatorService,
    private readonly dataSource: DataSource,
    private readonly settings: ServiceSettings,
  ) {}

  /** Red within the health timeout, even when MySQL accepts connections and answers nothing. */
  isHealthy(key: string): HealthCheckAttempt {
    const { healthTimeoutMs } = this.settings;
    return this.health
      .check(key)
      .attempt(() => withConnection(this.dataSource, healthTimeoutMs, (manager) => manager.query('SELECT 1')))
      .withTimeout(healthTimeoutMs)
      .cacheFor(CACHE_MS);
  }
}
