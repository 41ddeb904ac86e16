import { Injectable, Logger } from '@nestjs/common';
import { RocketmqAdmin, RocketmqAdminError } from 'txmsg/admin';
import { MessagingSettings } from '../configuration/messaging-settings.js';
import { Readings, type Observation } from '../telemetry/readings.js';

/** Where RocketMQ puts the half messages that it will not ask about again. */
const GIVEN_UP_TOPIC = 'TRANS_CHECK_MAX_TIME_TOPIC';
/** The broker's answer to a user without the right. */
const NO_PERMISSION = 16;

/**
 * How many half messages each broker has ever given up checking back: the broker tells nobody. Left out where no name
 * server is known, or the service's user has no right to it. The first name server that answers is believed. A sum over the
 * brokers would seem to grow when one comes back.
 */
@Injectable()
export class ExhaustedChecksGauge {
  private readonly logger = new Logger(ExhaustedChecksGauge.name);
  private readonly gauge: string;
  private isRefused = false;

  constructor(
    private readonly settings: MessagingSettings,
    readings: Readings,
  ) {
    const { kind, rocketmqNameServers: nameServers = [] } = settings;
    this.gauge = `${kind}.rocketmq.checks_exhausted`;
    if (nameServers.length === 0) return;
    readings.observe({
      name: 'checks-exhausted',
      gauges: {
        [this.gauge]: {
          description: 'Half messages that the broker has given up checking back, ever.',
          unit: '{message}',
        },
      },
      read: (timeoutMs) => this.firstAnswer(nameServers, timeoutMs),
    });
  }

  /** Nothing for a user without the right, which no retry changes: it is said once. */
  private async firstAnswer(
    nameServers: readonly string[],
    timeoutMs: number,
  ): Promise<Observation<string>[]> {
    const failures: unknown[] = [];
    for (const namesrv of nameServers) {
      try {
        return await this.countAt(namesrv, timeoutMs / nameServers.length);
      } catch (error) {
        if (error instanceof RocketmqAdminError && error.code === NO_PERMISSION) {
          this.tellRefused();
          return [];
        }
        failures.push(error);
      }
    }
    throw new AggregateError(
      failures,
      `no name server of ROCKETMQ_NAMESRV answered (${nameServers.join(', ')})`,
    );
  }

  private tellRefused(): void {
    if (this.isRefused) return;
    this.isRefused = true;
    this.logger.warn(
      `${this.gauge} is left out: this ${this.settings.kind}'s user at RocketMQ has no right "Get" on the topic ${GIVEN_UP_TOPIC}.`,
    );
  }

  /** On connections of its own, one reading long: a broker that went away leaves nothing behind. */
  private async countAt(namesrv: string, timeoutMs: number): Promise<Observation<string>[]> {
    const { rocketmqTls, rocketmqTlsCa, rocketmqAccessKey, rocketmqAccessSecret } = this.settings;
    const hasAccount = rocketmqAccessKey !== undefined && rocketmqAccessSecret !== undefined;
    const admin = new RocketmqAdmin({
      namesrv,
      timeoutMs,
      tls: rocketmqTls ? { authorities: rocketmqTlsCa } : undefined,
      ...(hasAccount
        ? { credentials: { accessKey: rocketmqAccessKey, accessSecret: rocketmqAccessSecret } }
        : {}),
    });
    const giveUp = setTimeout(() => {
      admin.close();
    }, timeoutMs);
    try {
      const counts = await admin.messagesEverByBroker(GIVEN_UP_TOPIC);
      return [...counts].map(([broker, value]) => ({
        gauge: this.gauge,
        value,
        attributes: { 'txmsg.broker': broker },
      }));
    } finally {
      clearTimeout(giveUp);
      admin.close();
    }
  }
}
