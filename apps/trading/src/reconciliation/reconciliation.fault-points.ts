/** The steps of trading's reconciliation at which a crash matters. */
export const REVIEW_RECONCILIATION_FAULT_POINTS = [
  'service:review-reconciliation.claimed',
  'service:review-reconciliation.answered',
  'service:review-reconciliation.settled',
  'service:review-reconciliation.republished',
] as const;

export type ReviewReconciliationFaultPoint = (typeof REVIEW_RECONCILIATION_FAULT_POINTS)[number];
