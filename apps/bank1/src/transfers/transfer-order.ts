/** What a caller asks for; the amount is in its normal form, `"100.00"`. */
export interface TransferOrder {
  readonly txNo: string;
  readonly accountNo: string;
  readonly toAccountNo: string;
  readonly amount: string;
}

/** The span of the call that made a transfer (`activeTraceparent`), kept in its row; undefined when nobody traces it. */
export type Traceparent = string | undefined;

/**
 * Why the local transaction was rolled back. `ALREADY_DONE` and `TX_NO_CONFLICT` come from the transfer's own row, when
 * its barrier row was deleted after its retention; before that the library recognises both by itself.
 */
export type TransferRefusal =
  'NO_SUCH_ACCOUNT' | 'ACCOUNT_FROZEN' | 'INSUFFICIENT_BALANCE' | 'ALREADY_DONE' | 'TX_NO_CONFLICT';
