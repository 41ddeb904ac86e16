import { Inject, Injectable } from '@nestjs/common';
import type { BatchObservableCallback, Observable, ObservableCallback } from '@opentelemetry/api';
import type { DataSource } from 'typeorm';
import { DatabaseTransactions, ReservedConnections, waitersOf } from '../database/index.js';
import { TXMSG_DATA_SOURCE, TXMSG_SETTINGS, type TxMsgSettings } from '../options/txmsg.options.js';
import { guarded, OWN_ATTRIBUTE, OWN_METRIC, Telemetry } from '../telemetry/index.js';
import { DatabaseReadings } from './database-readings.js';
import { JobsReading } from './jobs.reading.js';
import { OpenDeadLettersReading } from './open-dead-letters.reading.js';
import { OutboxBacklogReading } from './outbox-backlog.reading.js';
import type { Reading, ReadGauge } from './reading.js';

const UNITS: Readonly<Record<ReadGauge, string>> = {
  [OWN_METRIC.deadLettersOpen]: '{message}',
  [OWN_METRIC.jobs]: '{job}',
  [OWN_METRIC.outboxPending]: '{message}',
  [OWN_METRIC.outboxOldestAge]: 's',
};

/** The gauges: what is looked up when metrics are collected, while the application runs. */
@Injectable()
export class TxMsgGauges {
  /** What ends each of them. */
  private readonly ends: (() => void)[] = [];

  constructor(
    private readonly telemetry: Telemetry,
    private readonly transactions: DatabaseTransactions,
    private readonly reserved: ReservedConnections,
    @Inject(TXMSG_DATA_SOURCE) private readonly dataSource: DataSource,
    @Inject(TXMSG_SETTINGS) private readonly settings: Pick<TxMsgSettings, 'names' | 'outbox'>,
  ) {}

  /**
   * @param consumerGroups - of this service's listeners; a service without any has no table of dead letters
   * @param jobKinds - of its durable jobs; without any there may be no table of jobs
   */
  start(consumerGroups: readonly string[], jobKinds: readonly string[]): void {
    if (!this.telemetry.instruments.areOn) return;
    guarded(() => {
      this.observePools();
      this.observeDatabase(this.readings(consumerGroups, jobKinds));
    }, undefined);
  }

  /** Nothing is read any more, so that a scrape during shutdown meets no database that is closed. */
  stop(): void {
    for (const end of this.ends.splice(0)) guarded(end, undefined);
  }

  private observePools(): void {
    const gauge = this.telemetry.instruments.meter.createObservableGauge(OWN_METRIC.poolWaiters, {
      unit: '{request}',
    });
    const observe: ObservableCallback = (result) => {
      result.observe(waitersOf(this.dataSource), { [OWN_ATTRIBUTE.pool]: 'main' });
      result.observe(this.reserved.waiters, { [OWN_ATTRIBUTE.pool]: 'reserve' });
    };
    gauge.addCallback(observe);
    this.ends.push(() => {
      gauge.removeCallback(observe);
    });
  }

  private observeDatabase(readings: readonly Reading[]): void {
    const { instruments } = this.telemetry;
    const { meter } = instruments;
    if (readings.length === 0) return;
    const gauges = new Map<ReadGauge, Observable>(
      Object.entries(UNITS).map(([name, unit]) => [
        name as ReadGauge,
        meter.createObservableGauge(name, { unit }),
      ]),
    );
    const database = new DatabaseReadings(readings, this.transactions, (reading) => {
      instruments.readingsFailed(1, { [OWN_ATTRIBUTE.reading]: reading });
    });
    const observe: BatchObservableCallback = async (result) => {
      for (const { gauge: name, value, labels } of await database.read()) {
        const gauge = gauges.get(name);
        if (gauge !== undefined) result.observe(gauge, value, labels);
      }
    };
    meter.addBatchObservableCallback(observe, [...gauges.values()]);
    this.ends.push(() => {
      meter.removeBatchObservableCallback(observe, [...gauges.values()]);
    });
  }

  private readings(consumerGroups: readonly string[], jobKinds: readonly string[]): Reading[] {
    const { names, outbox } = this.settings;
    const topics = outbox.topics.map((topic) => names.actual('topics', topic));
    return [
      ...(topics.length > 0 ? [new OutboxBacklogReading(topics)] : []),
      ...(consumerGroups.length > 0 ? [new OpenDeadLettersReading(consumerGroups)] : []),
      ...(jobKinds.length > 0 ? [new JobsReading(jobKinds)] : []),
    ];
  }
}
