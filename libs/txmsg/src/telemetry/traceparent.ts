import { isSpanContextValid, ROOT_CONTEXT, trace, TraceFlags, type Context } from '@opentelemetry/api';
import { guarded } from './guarded.js';
import { activeContext, within } from './within.js';

/** What `activeTraceparent` writes, and nothing else. */
const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-01$/;

/**
 * The active span in 55 ASCII characters, as W3C's header `traceparent` has it, whatever propagators are in use: for a service
 * that keeps it in its own row, because it may have to go on with that work later, in another process. Undefined when the span
 * is not sampled, and without an SDK, so that a row of an untraced call costs nothing. `tracestate` is not kept.
 */
export function activeTraceparent(): string | undefined {
  return guarded(() => {
    const span = trace.getSpanContext(activeContext());
    if (span === undefined || !isSpanContextValid(span)) return undefined;
    if ((span.traceFlags & TraceFlags.SAMPLED) === 0) return undefined;
    return `00-${span.traceId}-${span.spanId}-01`;
  }, undefined);
}

/**
 * Runs `work` below the span that `activeTraceparent` wrote: spans and messages of `work` then belong to that trace.
 * @param traceparent - as it was read; with anything else, null and junk among it, `work` runs in the caller's own context
 */
export function withinTraceparent<T>(traceparent: unknown, work: () => Promise<T>): Promise<T> {
  const kept = keptContext(traceparent);
  return kept === undefined ? work() : within(kept, work);
}

function keptContext(traceparent: unknown): Context | undefined {
  const [, traceId = '', spanId = ''] =
    TRACEPARENT.exec(typeof traceparent === 'string' ? traceparent : '') ?? [];
  const span = { traceId, spanId, traceFlags: TraceFlags.SAMPLED, isRemote: true };
  // Ids of nothing but zeros have the form, and are none.
  return guarded(
    () => (isSpanContextValid(span) ? trace.setSpanContext(ROOT_CONTEXT, span) : undefined),
    undefined,
  );
}
