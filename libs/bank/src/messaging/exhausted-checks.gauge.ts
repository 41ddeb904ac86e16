import { Injectable } from '@nestjs/common';
import { RocketmqAdmin } from 'txmsg/admin';
import { BankSettings } from '../configuration/bank-settings.js';
import { Readings } from '../telemetry/readings.js';

/** Where RocketMQ puts the half messages that it will not ask about again. */
const GIVEN_UP_TOPIC = 'TRANS_CHECK_MAX_TIME_TOPIC';
const GAUGE = 'bank.rocketmq.checks_exhausted';

/**
 * How many half messages the broker has ever given up checking back: the broker tells nobody. Left out where no name
 * server is known. The first one that answers is believed.
 */
@Injectable()
export class ExhaustedChecksGauge {
  constructor(
    private readonly settings: BankSettings,
    readings: Readings,
  ) {
    const { rocketmqNameServers: nameServers = [] } = settings;
    if (nameServers.length === 0) return;
    readings.observe({
      name: 'checks-exhausted',
      gauges: {
        [GAUGE]: {
          description: 'Half messages that the broker has given up checking back, ever.',
          unit: '{message}',
        },
      },
      read: async (timeoutMs) => {
        const value = await this.firstAnswer(nameServers, timeoutMs);
        return [{ gauge: GAUGE, value }];
      },
    });
  }

  private async firstAnswer(nameServers: readonly string[], timeoutMs: number): Promise<number> {
    const failures: unknown[] = [];
    for (const namesrv of nameServers) {
      try {
        return await this.countAt(namesrv, timeoutMs / nameServers.length);
      } catch (error) {
        failures.push(error);
      }
    }
    throw new AggregateError(
      failures,
      `no name server of ROCKETMQ_NAMESRV answered (${nameServers.join(', ')})`,
    );
  }

  /** On connections of its own, one reading long: a broker that went away leaves nothing behind. */
  private async countAt(namesrv: string, timeoutMs: number): Promise<number> {
    const { rocketmqTls, rocketmqTlsCa, rocketmqAccessKey, rocketmqAccessSecret } = this.settings;
    const hasAccount = rocketmqAccessKey !== undefined && rocketmqAccessSecret !== undefined;
    const admin = new RocketmqAdmin({
      namesrv,
      timeoutMs,
      ...(hasAccount
        ? { credentials: { accessKey: rocketmqAccessKey, accessSecret: rocketmqAccessSecret } }
        : {}),
      ...(rocketmqTls && rocketmqTlsCa !== undefined
        ? { tlsAuthorities: rocketmqTlsCa.toString('utf8') }
        : {}),
    });
    const giveUp = setTimeout(() => {
      admin.close();
    }, timeoutMs);
    try {
      return await admin.messagesEver(GIVEN_UP_TOPIC);
    } finally {
      clearTimeout(giveUp);
      admin.close();
    }
  }
}
