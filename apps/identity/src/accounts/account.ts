import type { ProblemCode, TwoPhasePattern } from '@txmsg/contracts';

/** PENDING: phase two has not run here yet, so that the account may still be rolled back; nobody can log in with it. */
export const ACCOUNT_STATES = ['PENDING', 'ACTIVE'] as const;
export type AccountState = (typeof ACCOUNT_STATES)[number];

/** What the user centre asks for; the name is normalised. */
export interface AccountOrder {
  readonly txNo: string;
  readonly userId: string;
  readonly name: string;
}

/** An account that is to be stored. */
export interface NewAccount extends AccountOrder {
  readonly passwordHash: string;
}

/** An account, as its row has it, without its hash. */
export interface Account extends AccountOrder {
  readonly pattern: TwoPhasePattern;
  readonly state: AccountState;
  readonly createTime: Date;
}

/** The account is refused for what it is; thrown, so that the branch keeps nothing. */
export class AccountRefusedError extends Error {
  override readonly name = 'AccountRefusedError';

  constructor(
    readonly code: ProblemCode,
    message: string,
  ) {
    super(message);
  }
}
