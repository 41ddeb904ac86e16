import type { ProblemCode, TwoPhasePattern } from '@txmsg/contracts';

/** OPEN: not ended at this bank yet. */
export const TRANSFER_STATES = ['OPEN', 'COMMITTED', 'ROLLED_BACK'] as const;
export type TransferState = (typeof TRANSFER_STATES)[number];

/** What a caller asks for; the amount is in its normal form, `"100.00"`. */
export interface TransferOrder {
  readonly txNo: string;
  readonly pattern: TwoPhasePattern;
  readonly accountNo: string;
  readonly toAccountNo: string;
  readonly amount: string;
}

/** A transfer, as its row has it. */
export interface Transfer extends TransferOrder {
  readonly xid: string;
  readonly state: TransferState;
  readonly createTime: Date;
}

/** A bank refuses the transfer for what it is; thrown, so that the global transaction is rolled back. */
export class TransferRefusedError extends Error {
  override readonly name = 'TransferRefusedError';

  constructor(
    readonly code: ProblemCode,
    message: string,
  ) {
    super(message);
  }
}

/** The transfer's row is not open for this global transaction any more: another call, or the end of its time, was first. */
export class TransferOverError extends Error {
  override readonly name = 'TransferOverError';

  constructor(txNo: string, xid: string) {
    super(`The transfer "${txNo}" is not open for the global transaction "${xid}" any more.`);
  }
}
