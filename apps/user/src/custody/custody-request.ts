import type { CustodyRequestContents, CustodyResultMessage } from '@txmsg/contracts';

export const CUSTODY_REQUEST_STATES = ['NEW', 'REQUESTED', 'OPENED', 'REFUSED'] as const;
export type CustodyRequestState = (typeof CUSTODY_REQUEST_STATES)[number];

/** A request for an account at custody, as its row says. */
export interface CustodyRequest extends CustodyRequestContents {
  readonly state: CustodyRequestState;
  readonly custodyAccountNo: string | null;
  readonly reason: string | null;
}

/** What custody says: that it has the request, or what became of it. */
export type CustodyAnswer = 'PROCESSING' | CustodyResultMessage;
