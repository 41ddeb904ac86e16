/** The steps of order's reconciliation at which a crash matters, beside those that the library announces. */
export const ORDER_RECONCILIATION_FAULT_POINTS = [
  'service:order-reconciliation.claimed',
  'service:order-reconciliation.answered',
  'service:order-reconciliation.before-settle-commit',
  'service:order-reconciliation.settled',
  'service:order-reconciliation.republished',
] as const;

export type OrderReconciliationFaultPoint = (typeof ORDER_RECONCILIATION_FAULT_POINTS)[number];
