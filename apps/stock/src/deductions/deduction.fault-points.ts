/** The steps of deducting and giving back at which a crash matters, beside those that the library announces. */
export const DEDUCTION_FAULT_POINTS = [
  'service:deduction.recorded',
  'service:deduction.counted',
  'service:deduction.answered',
  'service:return.recorded',
  'service:return.counted',
] as const;
