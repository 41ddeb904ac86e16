import type { Attributes } from '@opentelemetry/api';
import type { EntityManager } from 'typeorm';
import type { OWN_METRIC } from '../telemetry/index.js';

/** The gauges whose values are in the database. */
export type ReadGauge = (typeof OWN_METRIC)['deadLettersOpen' | 'jobs' | 'outboxPending' | 'outboxOldestAge'];

/** One value that was read. */
export interface ReadValue {
  readonly gauge: ReadGauge;
  readonly value: number;
  readonly labels: Attributes;
}

/** Reads the values of one or more gauges, with a bounded number of rows. */
export interface Reading {
  /** The label `txmsg.reading` of one that failed. */
  readonly name: string;
  read(entityManager: EntityManager): Promise<readonly ReadValue[]>;
}

/** What a gauge counts at most: an outage may leave millions of rows, and each scrape would read all of them. */
export const COUNTED_MAX = 10_000;
