export type BankName = 'bank1' | 'bank2';

/** A row of `outgoing_transfer` or `incoming_transfer`, with decimal text as its amount. */
export interface BookedTransfer {
  readonly txNo: string;
  readonly accountNo: string;
  readonly toAccountNo: string;
  readonly amount: string;
  readonly state: string;
}

/** An account whose balance does not follow from its opening balance and its transfers. */
export interface WrongAccount {
  readonly accountNo: string;
  /** Null when transfers name an account that does not exist. */
  readonly present: string | null;
  readonly due: string;
}

/** Sums over every account of a bank, in decimal text, and the accounts that are wrong. */
export interface AccountsReading {
  readonly opening: string;
  readonly balance: string;
  readonly wrongCount: number;
  /** The first of them, in the order of their numbers. */
  readonly wrong: readonly WrongAccount[];
  /** Only of bank1, whose accounts are credited from outside too. */
  readonly topUps?: TopUpsReading;
}

/** Money that came from outside: top-ups that were credited, and what is not clear about any of them. */
export interface TopUpsReading {
  readonly credited: string;
  readonly creditedCount: number;
  readonly contradictedCount: number;
  /** The first of them, in the order of their txNos. */
  readonly contradicted: readonly ContradictedTopUp[];
}

/** A top-up about which message, answer and expectation do not say the same. */
export interface ContradictedTopUp {
  readonly txNo: string;
  readonly accountNo: string;
  readonly amount: string;
  readonly state: string;
  /** What was said besides. */
  readonly contradiction: string;
}

/** What one bank's database held at one moment. */
export interface Books {
  readAccounts(): Promise<AccountsReading>;
  /** Every transfer, by txNo in the order of code points (`compareTxNos`). */
  transfers(): AsyncIterable<BookedTransfer>;
}

/** Books that hold on to something: a snapshot of a server, or a stream of another bank. */
export interface OpenBooks extends Books {
  close(): void;
}

/** As utf8mb4_0900_bin does: by code point, which is the order of the bytes in UTF-8. */
export function compareTxNos(txNo: string, other: string): number {
  return Buffer.compare(Buffer.from(txNo), Buffer.from(other));
}
