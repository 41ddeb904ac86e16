/**
 * What came of one `sendMessageInTransaction`.
 *
 * - `COMMITTED`: the local transaction is committed and the message will be delivered. `duplicate` is true when an earlier
 *   call with the same txNo and contents did it; its result is in the service's own tables.
 * - `ROLLED_BACK`: the listener refused; nothing was stored and no message will be delivered.
 * - `UNKNOWN`: whether the local transaction committed could not be learnt in time. Message and database will agree in the
 *   end; repeat the call with the same txNo to learn the outcome.
 */
export type TransactionSendResult<Result = unknown, Refusal = unknown> =
  | { readonly state: 'COMMITTED'; readonly txNo: string; readonly duplicate: false; readonly result: Result }
  | { readonly state: 'COMMITTED'; readonly txNo: string; readonly duplicate: true }
  | { readonly state: 'ROLLED_BACK'; readonly txNo: string; readonly refusal: Refusal }
  | { readonly state: 'UNKNOWN'; readonly txNo: string };
