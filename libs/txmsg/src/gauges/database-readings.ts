import type { DatabaseTransactions } from '../database/index.js';
import type { Reading, ReadValue } from './reading.js';

/** A scrape waits so long for the database, at most. */
const READ_TIMEOUT_MS = 2000;

/**
 * Reads the gauges that are in the database, when somebody asks for them: on one connection, one reading after another, all
 * within one deadline. Several who ask at once share one answer, so that scrapes of a database that hangs do not use up
 * its pool.
 *
 * OpenTelemetry's SDK for JavaScript (2.12) goes on reporting the last value of labels that are no longer observed
 * (TemporalMetricProcessor merges). So all labels that were ever read are told each time: 0 when there is nothing any more,
 * and NaN, which Prometheus and its dashboards show as a gap, when it is not known. Test: metrics.int-spec.ts, "leave a gap".
 */
export class DatabaseReadings {
  private readonly known = new Map<Reading, readonly ReadValue[]>();
  private underWay: Promise<readonly ReadValue[]> | undefined;

  /** @param onFailed - a reading failed or was late */
  constructor(
    private readonly readings: readonly Reading[],
    private readonly transactions: Pick<DatabaseTransactions, 'autocommit'>,
    private readonly onFailed: (reading: string) => void,
  ) {}

  /** Never rejects. */
  read(): Promise<readonly ReadValue[]> {
    this.underWay ??= this.readAll().finally(() => (this.underWay = undefined));
    return this.underWay;
  }

  private async readAll(): Promise<readonly ReadValue[]> {
    const read = new Map<Reading, readonly ReadValue[]>();
    // What is not read then has failed, which is counted.
    await this.transactions
      .autocommit(READ_TIMEOUT_MS, async (entityManager) => {
        for (const reading of this.readings) {
          const values = await reading.read(entityManager).catch(() => undefined);
          if (values !== undefined) read.set(reading, values);
        }
      })
      .catch(() => undefined);
    return this.readings.flatMap((reading) => this.valuesOf(reading, read.get(reading)));
  }

  private valuesOf(reading: Reading, read: readonly ReadValue[] | undefined): readonly ReadValue[] {
    const known = this.known.get(reading) ?? [];
    if (read === undefined) {
      this.onFailed(reading.name);
      return known.map((value) => ({ ...value, value: NaN }));
    }
    const names = new Set(read.map(nameOf));
    const gone = known.filter((value) => !names.has(nameOf(value))).map((value) => ({ ...value, value: 0 }));
    const values = [...read, ...gone];
    this.known.set(reading, values);
    return values;
  }
}

function nameOf({ gauge, labels }: ReadValue): string {
  return JSON.stringify([gauge, labels]);
}
