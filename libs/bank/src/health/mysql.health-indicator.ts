import { Injectable } from '@nestjs/common';
import { HealthIndicatorService, type HealthCheckAttempt } from '@nestjs/terminus';
import { createConnection, type Connection } from 'mysql2';
import { BankSettings } from '../configuration/bank-settings.js';

/** Probes share one answer for so long, so that nobody can make a bank open connections at will. */
const CACHE_MS = 250;

/**
 * Asks MySQL on a connection of its own. The bank's pool would not do: when MySQL is frozen, its connections
 * are all waiting, and the check would wait behind them.
 */
@Injectable()
export class MysqlHealthIndicator {
  constructor(
    private readonly health: HealthIndicatorService,
    private readonly settings: BankSettings,
  ) {}

  /** Red within the health timeout, even when MySQL accepts connections and answers nothing. */
  isHealthy(key: string): HealthCheckAttempt {
    return this.health
      .check(key)
      .attempt(({ signal }) => this.ping(signal))
      .withTimeout(this.settings.healthTimeoutMs)
      .cacheFor(CACHE_MS);
  }

  private async ping(signal: AbortSignal): Promise<void> {
    const connectTimeout = this.settings.healthTimeoutMs;
    const connection = createConnection({ uri: this.settings.mysqlUrl, connectTimeout });
    const destroy = (): void => {
      connection.destroy();
    };
    signal.addEventListener('abort', destroy, { once: true });
    try {
      await ask(connection);
    } finally {
      destroy();
    }
  }
}

function ask(connection: Connection): Promise<void> {
  return new Promise((resolve, reject) => {
    // Without a listener a connection that breaks later would end the process.
    connection.on('error', reject);
    connection.query('SELECT 1', (error) => {
      if (error) reject(error);
      else resolve();
    });
  });
}
