/** What a caller wants done; the amount is in its normal form, `"100.00"`. */
export interface TransferOrder {
  readonly txNo: string;
  readonly accountNo: string;
  readonly toAccountNo: string;
  readonly amount: string;
}

/**
 * Why the local transaction was rolled back. `ALREADY_DONE` and `TX_NO_CONFLICT` are what the transfer's own row
 * says once its barrier row has been purged; until then the library answers both.
 */
export type TransferRefusal =
  'NO_SUCH_ACCOUNT' | 'ACCOUNT_FROZEN' | 'INSUFFICIENT_BALANCE' | 'ALREADY_DONE' | 'TX_NO_CONFLICT';
