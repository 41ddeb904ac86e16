import type { BankName, BookedTransfer, ContradictedTopUp } from './books.js';

/** Something that is not as it must be: where, what is there, and what should be. */
export type Disagreement =
  | AccountDisagreement
  | ({ readonly kind: 'TRANSFER'; readonly bank: BankName; readonly txNo: string } & FoundAndExpected)
  /** All the money of both banks together. */
  | ({ readonly kind: 'TOTAL' } & FoundAndExpected);

export type AccountDisagreement = {
  readonly kind: 'ACCOUNT';
  readonly bank: BankName;
  readonly accountNo: string;
} & FoundAndExpected;

interface FoundAndExpected {
  readonly found: string;
  readonly expected: string;
}

/** How many there are, and the first of them. */
export interface BoundedList<Item> {
  readonly count: number;
  readonly listed: readonly Item[];
}

/** Every amount is decimal text. */
export interface AuditReport {
  /** False when there is any disagreement. */
  readonly agrees: boolean;
  /** `ONE_SNAPSHOT`: both banks at the same moment; `THREE_SNAPSHOTS`: bank2, bank1 and bank2 again. */
  readonly reading: 'ONE_SNAPSHOT' | 'THREE_SNAPSHOTS';
  readonly disagreements: BoundedList<Disagreement>;
  /**
   * Credits at bank2 that bank1 has no debit for: what foreign senders have sent. Unless such senders are declared,
   * each is a disagreement too.
   */
  readonly foreignCredits: BoundedList<Omit<BookedTransfer, 'state'>> & { readonly sum: string };
  /**
   * Money that came to bank1 from outside. A contradicted one was credited at most once, as its row says; which of the
   * two that were said is right, the audit cannot know, so it lists them and counts them as no disagreement.
   */
  readonly topUps: {
    readonly credited: { readonly count: number; readonly sum: string };
    readonly contradicted: BoundedList<ContradictedTopUp>;
  };
  /** Opening balances, balances, and how they came about. */
  readonly money: {
    readonly opening: Record<BankName, string>;
    readonly balance: Record<BankName, string>;
    /** Left bank1: DEBITED or COMPLETED. */
    readonly sent: string;
    /** CREDITED at bank2, foreign credits included. */
    readonly received: string;
    /** Sent and not received. */
    readonly inFlight: string;
    /** The part of it that bank2 will not credit, and bank1 has not given back yet. */
    readonly refused: string;
    /** Opening balances, credited top-ups and expected foreign credits, less balances and money in flight: 0.00, or money is lost. */
    readonly missing: string;
  };
  /** How many transfers were compared. */
  readonly transfers: Record<BankName, number>;
}

/** One sentence that says where, what is there, and what should be. */
export function describeDisagreement(disagreement: Disagreement): string {
  const { found, expected } = disagreement;
  switch (disagreement.kind) {
    case 'ACCOUNT':
      return `Account ${disagreement.accountNo} at ${disagreement.bank} has ${found} and should have ${expected}.`;
    case 'TRANSFER':
      return `Transfer ${disagreement.txNo} at ${disagreement.bank} is ${found} and should be ${expected}.`;
    case 'TOTAL':
      return `Both banks and what is in flight have ${found} together and should have ${expected}.`;
  }
}
