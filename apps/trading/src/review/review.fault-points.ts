/** The steps of an approval at which a crash matters, beside those that the library announces. */
export const REVIEW_FAULT_POINTS = ['service:review.approved'] as const;
