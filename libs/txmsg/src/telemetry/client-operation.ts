import type { Context } from '@opentelemetry/api';
import { secondsSince, type Instruments, type Measure } from './instruments.js';
import { Labels } from './labels.js';
import type { SpanForm, Spans } from './spans.js';
import type { TracedWork } from './traced-work.js';

/** One kind of request that a client makes to the broker: its span, its duration, and how many there were. */
export class ClientOperation {
  /** @param counted - the counter of its messages, when a request is about one */
  constructor(
    private readonly spans: Spans,
    private readonly instruments: Instruments,
    private readonly form: SpanForm,
    private readonly labels: Labels,
    private readonly counted?: Measure,
  ) {}

  /** Rethrows what `call` throws, as it is. @param parent - by default the caller's active span */
  async run<T>(call: (work: TracedWork) => Promise<T>, parent?: Context): Promise<T> {
    const startMs = performance.now();
    const work = this.spans.start(this.form, parent);
    try {
      const value = await work.within(() => call(work));
      this.ended(work, startMs, undefined);
      return value;
    } catch (error) {
      this.ended(work, startMs, error);
      throw error;
    }
  }

  private ended(work: TracedWork, startMs: number, error: unknown): void {
    if (this.instruments.areOn) {
      const labels = this.labels.of(error);
      this.instruments.operationDuration(secondsSince(startMs), labels);
      this.counted?.(1, labels);
    }
    work.end(error);
  }
}
