/**
 * What became of one `sendMessageInTransaction`.
 *
 * - `COMMITTED`: the local transaction is durable and the message will be delivered. `duplicate` tells that an
 *   earlier call with the same txNo and contents did it; its result is in the service's own tables.
 * - `ROLLED_BACK`: the listener refused; nothing was stored and no message will be delivered.
 * - `UNKNOWN`: the COMMIT's answer was lost and could not be learnt in time. Message and database will agree;
 *   repeat the call with the same txNo to learn the outcome.
 */
export type TransactionSendResult<Result = unknown, Refusal = unknown> =
  | { readonly state: 'COMMITTED'; readonly txNo: string; readonly duplicate: false; readonly result: Result }
  | { readonly state: 'COMMITTED'; readonly txNo: string; readonly duplicate: true }
  | { readonly state: 'ROLLED_BACK'; readonly txNo: string; readonly refusal: Refusal }
  | { readonly state: 'UNKNOWN'; readonly txNo: string };
