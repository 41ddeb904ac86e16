/** What became of a request for an account at the custody bank. */
export const CUSTODY_RESULTS = ['OPENED', 'REFUSED'] as const;
export type CustodyResult = (typeof CUSTODY_RESULTS)[number];

/** Where a request stands at custody: it is accepted at once, and decided later. */
export const CUSTODY_STATUSES = ['PROCESSING', ...CUSTODY_RESULTS] as const;
export type CustodyStatus = (typeof CUSTODY_STATUSES)[number];

/** What a request asks for; under one requestNo there is one request, for good. */
export interface CustodyRequestContents {
  readonly requestNo: string;
  readonly userId: string;
  readonly name: string;
}

/** Why no account follows from a request. */
export const CustodyRefusal = {
  /** Custody has an account of this user already, by another request. */
  USER_HAS_ACCOUNT: 'USER_HAS_ACCOUNT',
  /** Under this requestNo custody has the request of somebody else, and keeps it indefinitely. */
  REQUEST_NO_CONFLICT: 'REQUEST_NO_CONFLICT',
} as const;

export function isSameCustodyRequest(one: CustodyRequestContents, other: CustodyRequestContents): boolean {
  return one.requestNo === other.requestNo && one.userId === other.userId && one.name === other.name;
}
