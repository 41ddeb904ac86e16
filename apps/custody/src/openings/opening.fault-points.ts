/**
 * The steps of an account's opening at which a crash matters, beside `job.*` and `outbox.*`, which the library announces
 * between them.
 */
export const OPENING_FAULT_POINTS = [
  'service:opening.job-started',
  'service:opening.accepted',
  'service:opening.before-commit',
  'service:opening.committed',
  'service:opening.decided',
  'service:opening.announced',
] as const;

export type OpeningFaultPoint = (typeof OPENING_FAULT_POINTS)[number];
