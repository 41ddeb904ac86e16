import type { ProblemCode } from '@txmsg/contracts';

/** OPEN: phase two has not run here yet, so that it may still be rolled back. */
export const CREDIT_STATES = ['OPEN', 'CREDITED'] as const;
export type CreditState = (typeof CREDIT_STATES)[number];

/** What bank1 asks for; the amount is in its normal form. */
export interface CreditOrder {
  readonly txNo: string;
  readonly accountNo: string;
  readonly amount: string;
}

/** This bank refuses the credit for what it is; thrown, so that the branch keeps nothing. */
export class CreditRefusedError extends Error {
  override readonly name = 'CreditRefusedError';

  constructor(
    readonly code: ProblemCode,
    message: string,
  ) {
    super(message);
  }
}
