import { createNoopMeter, metrics, type Attributes, type Meter } from '@opentelemetry/api';
import { guarded } from './guarded.js';
import { METRIC, OWN_METRIC, SCOPE } from './names.js';

/** Records one value. */
export type Measure = (value: number, labels: Attributes) => void;

/** As the messaging conventions recommend, in seconds. */
const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
/** A message may wait for a check-back, or for a consumer that is away. */
const END_TO_END_SECONDS = [...SECONDS, 30, 60, 300, 1800, 7200];
/** Up to the most messages that a batch may have. */
const MESSAGES = [1, 2, 4, 8, 16, 32, 64, 128, 256];

/**
 * Everything that is counted or measured while messages go through. Made with the module: OpenTelemetry's API hands out
 * instruments of the SDK that is registered at that moment, and ones that do nothing when there is none.
 */
export class Instruments {
  readonly meter: Meter = guarded(() => metrics.getMeter(SCOPE), createNoopMeter());
  /** False without an SDK: then nothing is recorded, and no label is made. */
  readonly areOn = this.meter !== createNoopMeter();

  readonly operationDuration = this.histogram(METRIC.operationDuration, 's', SECONDS);
  readonly sentMessages = this.counter(METRIC.sentMessages, '{message}');
  readonly consumedMessages = this.counter(METRIC.consumedMessages, '{message}');
  readonly processDuration = this.histogram(METRIC.processDuration, 's', SECONDS);
  readonly sends = this.counter(OWN_METRIC.sends, '{call}');
  readonly localTransactionDuration = this.histogram(OWN_METRIC.localTransactionDuration, 's', SECONDS);
  readonly checkBacks = this.counter(OWN_METRIC.checkBacks, '{check_back}');
  readonly unknownCommits = this.counter(OWN_METRIC.unknownCommits, '{transaction}');
  readonly duplicates = this.counter(OWN_METRIC.duplicates, '{message}');
  readonly redeliveries = this.counter(OWN_METRIC.redeliveries, '{message}');
  readonly deadLettersStored = this.counter(OWN_METRIC.deadLettersStored, '{message}');
  readonly batchSize = this.histogram(OWN_METRIC.batchSize, '{message}', MESSAGES);
  readonly endToEndDuration = this.histogram(OWN_METRIC.endToEndDuration, 's', END_TO_END_SECONDS);
  readonly readingsFailed = this.counter(OWN_METRIC.readingsFailed, '{reading}');

  private counter(name: string, unit: string): Measure {
    const counter = this.areOn
      ? guarded(() => this.meter.createCounter(name, { unit }), undefined)
      : undefined;
    if (counter === undefined) return nothing;
    return (value, labels) => {
      guarded(() => {
        counter.add(value, labels);
      }, undefined);
    };
  }

  private histogram(name: string, unit: string, explicitBucketBoundaries: number[]): Measure {
    const options = { unit, advice: { explicitBucketBoundaries } };
    const histogram = this.areOn
      ? guarded(() => this.meter.createHistogram(name, options), undefined)
      : undefined;
    if (histogram === undefined) return nothing;
    return (value, labels) => {
      guarded(() => {
        histogram.record(value, labels);
      }, undefined);
    };
  }
}

function nothing(): void {
  // Without an SDK.
}

/** From a moment of `performance.now` until now. */
export function secondsSince(startMs: number): number {
  return (performance.now() - startMs) / 1000;
}
