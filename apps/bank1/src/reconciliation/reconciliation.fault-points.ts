/**
 * The steps of reconciliation at which a crash matters, beside those that the library announces. `settle` in their names
 * means applying what bank2 decided: rules of tests and operators use these names, so they stay.
 */
export const RECONCILIATION_FAULT_POINTS = [
  'service:reconciliation.claimed',
  'service:reconciliation.answered',
  'service:reconciliation.settle-begun',
  'service:reconciliation.before-settle-commit',
  'service:reconciliation.settled',
  'service:reconciliation.republished',
] as const;

export type ReconciliationFaultPoint = (typeof RECONCILIATION_FAULT_POINTS)[number];
