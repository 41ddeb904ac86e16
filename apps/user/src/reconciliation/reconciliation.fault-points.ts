/** The steps of asking custody what became of a request at which a crash matters. */
export const CUSTODY_RECONCILIATION_FAULT_POINTS = [
  'service:custody-reconciliation.claimed',
  'service:custody-reconciliation.asked',
  'service:custody-reconciliation.answered',
  'service:custody-reconciliation.before-commit',
  'service:custody-reconciliation.recorded',
] as const;

export type CustodyReconciliationFaultPoint = (typeof CUSTODY_RECONCILIATION_FAULT_POINTS)[number];
