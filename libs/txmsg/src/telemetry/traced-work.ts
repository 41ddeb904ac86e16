import {
  isSpanContextValid,
  SpanStatusCode,
  trace,
  type Attributes,
  type Context,
  type Span,
} from '@opentelemetry/api';
import { guarded } from './guarded.js';
import { errorTypeOf } from './labels.js';
import { ATTRIBUTE } from './names.js';
import { within } from './within.js';

/** A piece of work with its span, or without one when nothing records it: then all of this costs next to nothing. */
export class TracedWork {
  private constructor(
    /** With the span in it, for what belongs below it. */
    readonly context: Context,
    private readonly span: Span | undefined,
  ) {}

  /** @param start - starts the span below `parent`; may throw */
  static start(parent: Context, start: () => Span): TracedWork {
    return guarded(() => {
      const span = start();
      // As without an SDK: then the context need not be copied.
      if (!isSpanContextValid(span.spanContext())) return TracedWork.untraced(parent);
      return new TracedWork(trace.setSpan(parent, span), span.isRecording() ? span : undefined);
    }, TracedWork.untraced(parent));
  }

  /** Work that has no span of its own. */
  static untraced(context: Context): TracedWork {
    return new TracedWork(context, undefined);
  }

  /** False: attributes of it would be made for nobody. */
  get isRecorded(): boolean {
    return this.span !== undefined;
  }

  /** The work's span is the active one while `work` runs. */
  within<T>(work: () => Promise<T>): Promise<T> {
    return within(this.context, work);
  }

  /** @param attributes - is called only when they are recorded */
  set(attributes: () => Attributes): void {
    const { span } = this;
    if (span !== undefined) guarded(() => span.setAttributes(attributes()), undefined);
  }

  /** For what runs beside it and not below it. */
  linkTo(other: Context): void {
    const { span } = this;
    if (span === undefined) return;
    guarded(() => {
      const linked = trace.getSpanContext(other);
      // An SDK from before 1.26 has no links after the start: it throws, and the link is missing.
      if (linked !== undefined && isSpanContextValid(linked)) span.addLink({ context: linked });
    }, undefined);
  }

  /** The text of an error stays out of the span: it may quote the message. The log has it, with the id of the trace. */
  end(error?: unknown): void {
    const { span } = this;
    if (span === undefined) return;
    guarded(() => {
      if (error !== undefined) {
        span.setAttribute(ATTRIBUTE.errorType, errorTypeOf(error));
        span.setStatus({ code: SpanStatusCode.ERROR });
      }
    }, undefined);
    guarded(() => {
      span.end();
    }, undefined);
  }
}
