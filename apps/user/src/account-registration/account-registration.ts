import type { ProblemCode, TwoPhasePattern } from '@txmsg/contracts';

/** OPEN: not ended at this service yet. */
export const ACCOUNT_REGISTRATION_STATES = ['OPEN', 'COMMITTED', 'ROLLED_BACK'] as const;
export type AccountRegistrationState = (typeof ACCOUNT_REGISTRATION_STATES)[number];

/** What a caller asks for, without the password, which is stored nowhere here; the name is normalised. */
export interface AccountRegistrationOrder {
  readonly txNo: string;
  readonly pattern: TwoPhasePattern;
  readonly name: string;
}

/** With the user that it makes. */
export interface NewUserAccount extends AccountRegistrationOrder {
  readonly userId: string;
}

/** A registration, as its row has it. */
export interface AccountRegistration extends NewUserAccount {
  readonly xid: string;
  readonly state: AccountRegistrationState;
  readonly createTime: Date;
}

/** One of both services refuses the registration for what it is; thrown, so that the global transaction is rolled back. */
export class AccountRegistrationRefusedError extends Error {
  override readonly name = 'AccountRegistrationRefusedError';

  constructor(
    readonly code: ProblemCode,
    message: string,
  ) {
    super(message);
  }
}

/** The registration's row is not open for this global transaction any more: another call, or the end of its time, was first. */
export class AccountRegistrationOverError extends Error {
  override readonly name = 'AccountRegistrationOverError';

  constructor(txNo: string, xid: string) {
    super(`The registration "${txNo}" is not open for the global transaction "${xid}" any more.`);
  }
}
