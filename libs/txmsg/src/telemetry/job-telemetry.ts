import { SpanKind } from '@opentelemetry/api';
import { OWN_ATTRIBUTE } from './names.js';
import type { SpanForm, Spans } from './spans.js';

/** The spans of one kind of durable job: one for each step that is tried, in the trace of what started the job. */
export class JobTelemetry {
  private readonly form: SpanForm;

  constructor(
    private readonly spans: Spans,
    kind: string,
  ) {
    const attributes = { [OWN_ATTRIBUTE.jobKind]: kind };
    this.form = { name: `job step ${kind}`, kind: SpanKind.INTERNAL, attributes };
  }

  /** @param make - its span is the active one while it runs */
  async step<T>(key: string, make: () => Promise<T>): Promise<T> {
    const work = this.spans.start(this.form);
    work.set(() => ({ [OWN_ATTRIBUTE.jobKey]: key }));
    try {
      const result = await work.within(make);
      work.end();
      return result;
    } catch (error) {
      work.end(error);
      throw error;
    }
  }
}
