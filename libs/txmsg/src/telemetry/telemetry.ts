import { ConsumerTelemetry } from './consumer-telemetry.js';
import { Instruments } from './instruments.js';
import { JobTelemetry } from './job-telemetry.js';
import { ProducerTelemetry } from './producer-telemetry.js';
import { Spans } from './spans.js';

/**
 * What the library tells OpenTelemetry (docs/OBSERVABILITY.md); one for each module. An SDK must be registered before it
 * is made. Whatever an SDK does or throws, no message fails because of it, and none waits for it.
 */
export class Telemetry {
  readonly instruments = new Instruments();
  private readonly spans = new Spans();
  private readonly producers = new Map<string, ProducerTelemetry>();
  private readonly consumers = new Map<string, ConsumerTelemetry>();

  /** The same one for every caller. @param topic - by its name at the broker, as everywhere here */
  producer(topic: string): ProducerTelemetry {
    const known = this.producers.get(topic);
    if (known !== undefined) return known;
    const made = new ProducerTelemetry(this.spans, this.instruments, topic);
    this.producers.set(topic, made);
    return made;
  }

  /** The same one for every caller. A group belongs to one topic. */
  consumer(topic: string, consumerGroup: string): ConsumerTelemetry {
    const known = this.consumers.get(consumerGroup);
    if (known !== undefined) return known;
    const made = new ConsumerTelemetry(this.spans, this.instruments, topic, consumerGroup);
    this.consumers.set(consumerGroup, made);
    return made;
  }

  job(kind: string): JobTelemetry {
    return new JobTelemetry(this.spans, kind);
  }
}
