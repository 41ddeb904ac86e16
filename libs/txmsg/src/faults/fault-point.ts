/**
 * Every step at which a crash matters, in the order in which a message meets them. Code announces them to the
 * `FaultInjector`; tests enumerate this list, so that a new point is covered without further work.
 */
export const FAULT_POINTS = [
  'half-message.before-send',
  'half-message.sent',
  'local-transaction.begun',
  'local-transaction.barrier-inserted',
  'local-transaction.executed',
  'local-transaction.before-commit',
  'local-transaction.committed',
  'resolution.before-send',
  'resolution.sent',
  'check-back.received',
  'check-back.before-tombstone',
  'check-back.before-answer',
  'consume.received',
  'consume.begun',
  'consume.barrier-inserted',
  'consume.executed',
  'consume.before-commit',
  'consume.committed',
  'consume.before-acknowledge',
  'consume.acknowledged',
  'dead-letter.before-store',
  'dead-letter.begun',
  'dead-letter.before-commit',
  'dead-letter.stored',
  'outbox.stored',
  'outbox.claimed',
  'outbox.before-publish',
  'outbox.published',
  'outbox.marked',
  'job.stored',
  'job.claimed',
  'job.prepared',
  'job.step-begun',
  'job.step-executed',
  'job.before-step-commit',
  'job.step-committed',
] as const;

/** One of `FAULT_POINTS`. */
export type FaultPoint = (typeof FAULT_POINTS)[number];

/**
 * A step of the service itself, which it announces through the `FaultInjector` beside the library's own steps, and
 * names in `TxMsgOptions.serviceFaultPoints`.
 */
export type ServiceFaultPoint = `service:${string}`;
