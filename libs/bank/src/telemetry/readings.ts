import {
  Global,
  Injectable,
  Logger,
  Module,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import {
  metrics,
  type Attributes,
  type BatchObservableCallback,
  type BatchObservableResult,
  type MetricOptions,
  type Observable,
} from '@opentelemetry/api';
import { withDeadline } from 'txmsg/building-blocks';

/** How long one reading may take; the gauges of one that takes longer are left out of that scrape. */
export const READING_TIMEOUT_MS = 2000;
const METER = 'bank';

export interface Reading<Name extends string> {
  /** Names it in `bank.readings.failed`. */
  readonly name: string;
  readonly gauges: Readonly<Record<Name, MetricOptions>>;
  /** Ends within `timeoutMs` or is given up; a gauge that it says nothing about is left out. */
  readonly read: (timeoutMs: number) => Promise<readonly Observation<Name>[]>;
}

export interface Observation<Name extends string> {
  readonly gauge: Name;
  readonly value: number;
  readonly attributes?: Attributes;
}

/**
 * Gauges that must be asked for somewhere, each time that somebody scrapes. Whatever hangs, a scrape is answered: each
 * reading has a deadline, and one that still runs is not begun again. Without an SDK nothing is ever read.
 *
 * Nothing is registered before the application runs: a start that fails, and is tried again, would leave behind what the
 * SDK then reads as long as the process lives.
 */
@Injectable()
export class Readings implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(Readings.name);
  private readonly meter = metrics.getMeter(METER);
  private readonly failed = this.meter.createCounter('bank.readings.failed', {
    description: 'Gauges that could not be read in time.',
    unit: '{reading}',
  });
  private readonly beginnings: (() => void)[] = [];
  private readonly endings: (() => void)[] = [];

  /** To be called from a constructor: it is read from the application's bootstrap until its end. */
  observe<Name extends string>(reading: Reading<Name>): void {
    this.beginnings.push(() => {
      this.register(reading);
    });
  }

  onApplicationBootstrap(): void {
    for (const begin of this.beginnings.splice(0)) begin();
  }

  /** What is read goes away now. */
  onModuleDestroy(): void {
    for (const end of this.endings.splice(0)) end();
  }

  private register<Name extends string>({ name, gauges, read }: Reading<Name>): void {
    const instruments = new Map<Name, Observable>();
    for (const [gauge, options] of Object.entries<MetricOptions>(gauges)) {
      instruments.set(gauge as Name, this.meter.createObservableGauge(gauge, options));
    }
    const once = singleFlight(() => read(READING_TIMEOUT_MS));
    const callback: BatchObservableCallback = async (result) => {
      const late = (): Error => new Error(`it took longer than ${READING_TIMEOUT_MS} ms`);
      try {
        report(await withDeadline(once(), READING_TIMEOUT_MS, late), instruments, result);
      } catch (error) {
        this.failed.add(1, { 'txmsg.reading': name });
        this.logger.debug({ message: 'a gauge could not be read', reading: name, cause: String(error) });
      }
    };
    // From the start on, so that its first failure is seen to be an increase.
    this.failed.add(0, { 'txmsg.reading': name });
    const observed = [...instruments.values()];
    this.meter.addBatchObservableCallback(callback, observed);
    this.endings.push(() => {
      this.meter.removeBatchObservableCallback(callback, observed);
    });
  }
}

@Global()
@Module({ providers: [Readings], exports: [Readings] })
export class ReadingsModule {}

function report<Name extends string>(
  observations: readonly Observation<Name>[],
  instruments: ReadonlyMap<Name, Observable>,
  result: BatchObservableResult,
): void {
  for (const { gauge, value, attributes } of observations) {
    const instrument = instruments.get(gauge);
    if (instrument !== undefined) result.observe(instrument, value, attributes);
  }
}

/** A call while another one still runs is a failure, so that what hangs does not pile up. */
function singleFlight<T>(work: () => Promise<T>): () => Promise<T> {
  let isRunning = false;
  return async () => {
    if (isRunning) throw new Error('the reading before it has not ended');
    isRunning = true;
    try {
      return await work();
    } finally {
      isRunning = false;
    }
  };
}
