import type { ReceivedSpan } from './otlp-receiver.js';

/** What a tree needs of a span, whichever collector took it. */
export type TreeSpan = Pick<ReceivedSpan, 'service' | 'name' | 'spanId' | 'parentSpanId'>;

/**
 * Each span as `service name < service name of its parent`, once however often it is there: messages may be delivered, and
 * check-backs asked, again. A parent that is not here is `-`.
 */
export function treeOf(spans: readonly TreeSpan[]): string[] {
  const named = new Map(spans.map((span) => [span.spanId, `${span.service} ${span.name}`]));
  const lines = spans.map(
    ({ service, name, parentSpanId = '' }) => `${service} ${name} < ${named.get(parentSpanId) ?? '-'}`,
  );
  return [...new Set(lines)].sort();
}
