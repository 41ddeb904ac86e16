/**
 * `batch`: transactional messages, both listeners in the batch form. `single`: both in the single form, whose handlers
 * share database transactions behind savepoints. `alone`: the same with `batching: false`. `outbox`: a row of the local
 * message table in the sender's transaction, and a handler in the batch form.
 */
export const PATTERNS = ['batch', 'single', 'alone', 'outbox'] as const;
export type Pattern = (typeof PATTERNS)[number];

/** The smallest services: those with messages, and XA, which has one process for both databases and no topic. */
export type SmallPattern = Pattern | 'xa';

export function topicOf(pattern: Pattern): string {
  return `topic_bench_${pattern}`;
}

export function producerGroupOf(pattern: Pattern): string {
  return `producer_group_bench_${pattern}`;
}

export function consumerGroupOf(pattern: Pattern): string {
  return `consumer_group_bench_${pattern}`;
}
