/** How a global transaction is made at its services: by Seata's AT, or by try, confirm and cancel. */
export const TWO_PHASE_PATTERNS = ['AT', 'TCC'] as const;
/** One of `TWO_PHASE_PATTERNS`. */
export type TwoPhasePattern = (typeof TWO_PHASE_PATTERNS)[number];
