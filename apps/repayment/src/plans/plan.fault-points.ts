/** The steps of making a plan at which a crash matters, beside those that the library announces. */
export const PLAN_FAULT_POINTS = [
  'service:plan.accepted',
  'service:plan.instalments-inserted',
  'service:plan.ended',
] as const;
