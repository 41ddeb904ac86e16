import type { TransferOutcome } from '@txmsg/contracts';

/** A transfer as a message names it, with the payee filled in and the amount in its normal form. */
export interface IncomingTransfer {
  readonly txNo: string;
  readonly accountNo: string;
  readonly toAccountNo: string;
  readonly amount: string;
}

/** What this bank did with it; it never changes. */
export interface TransferDecision {
  readonly outcome: TransferOutcome;
  readonly reason: string | null;
}
