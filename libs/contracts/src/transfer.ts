/** The two ends that a transfer can have at bank2. */
export const TRANSFER_OUTCOMES = ['CREDITED', 'REJECTED'] as const;
export type TransferOutcome = (typeof TRANSFER_OUTCOMES)[number];

/** Why bank2 refuses a transfer for good. */
export const RejectionReason = {
  NO_SUCH_ACCOUNT: 'NO_SUCH_ACCOUNT',
  ACCOUNT_FROZEN: 'ACCOUNT_FROZEN',
  /** The balance would no longer fit into DECIMAL(19,2). */
  BALANCE_OVERFLOW: 'BALANCE_OVERFLOW',
  /** Another transfer came under the same txNo first; this one can never be credited. */
  TX_NO_CONFLICT: 'TX_NO_CONFLICT',
  /** Its message could not be handled, and an operator of bank2 gave it up. */
  DISMISSED: 'DISMISSED',
} as const;
export type RejectionReason = (typeof RejectionReason)[keyof typeof RejectionReason];

/** What a transfer moves. A txNo that comes with other contents names another transfer. */
export interface TransferContents {
  readonly accountNo: string;
  readonly toAccountNo: string;
  /** In its normal form, `"100.00"`. */
  readonly amount: string;
}

/** Whether two transfers that have one txNo are the same one. */
export function isSameTransfer(one: TransferContents, other: TransferContents): boolean {
  return (
    one.accountNo === other.accountNo && one.toAccountNo === other.toAccountNo && one.amount === other.amount
  );
}
