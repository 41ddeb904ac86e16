/** The steps of a top-up at which a crash matters, beside those that the library announces for its message. */
export const TOP_UP_FAULT_POINTS = [
  'service:top-up.claimed',
  'service:top-up.answered',
  'service:top-up.conclusion-begun',
  'service:top-up.before-conclusion-commit',
  'service:top-up.concluded',
  'service:top-up.undecided',
] as const;

export type TopUpFaultPoint = (typeof TOP_UP_FAULT_POINTS)[number];
