import type { TopUpContents, TopUpResult } from '@txmsg/contracts';

/**
 * EXPECTED: registered, and its end is not known yet. GIVEN_UP: pay could not tell either, and is asked no more.
 * REFUSED: it was paid, and could not be credited. FAILED: it was not paid.
 */
export const TOP_UP_STATES = ['EXPECTED', 'CREDITED', 'FAILED', 'REFUSED', 'GIVEN_UP'] as const;
export type TopUpState = (typeof TOP_UP_STATES)[number];

/** How a payment has ended, as a message or an answer of pay says. */
export interface PaymentEnd extends TopUpContents {
  readonly txNo: string;
  readonly result: TopUpResult;
}

/** Who says so: a message on the topic, or pay itself, when it was asked and its answer was authenticated. */
export type Source = 'MESSAGE' | 'ANSWER';

/** Where a top-up stands: its row. */
export interface TopUp extends TopUpContents {
  readonly txNo: string;
  readonly state: TopUpState;
  readonly reason: string | null;
}

/** Why a top-up is REFUSED. */
export const RefusedBecause = {
  ACCOUNT_FROZEN: 'ACCOUNT_FROZEN',
  /** The balance would no longer fit into DECIMAL(19,2). */
  BALANCE_OVERFLOW: 'BALANCE_OVERFLOW',
  /** Pay was paid for something else under this txNo than what was expected. */
  OTHER_CONTENTS: 'OTHER_CONTENTS',
} as const;
export type RefusedBecause = (typeof RefusedBecause)[keyof typeof RefusedBecause];
