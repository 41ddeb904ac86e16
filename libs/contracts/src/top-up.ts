/** What pay says in the end about a payment; there is no other end. */
export const TOP_UP_RESULTS = ['success', 'fail'] as const;
export type TopUpResult = (typeof TOP_UP_RESULTS)[number];

/** What a top-up adds to an account. A txNo that comes with other contents names another top-up. */
export interface TopUpContents {
  readonly accountNo: string;
  /** In its normal form, `"100.00"`. */
  readonly amount: string;
}

/** Whether two top-ups that have one txNo are the same one. */
export function isSameTopUp(one: TopUpContents, other: TopUpContents): boolean {
  return one.accountNo === other.accountNo && one.amount === other.amount;
}
