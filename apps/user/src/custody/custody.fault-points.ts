/** The steps of asking for an account at custody at which a crash matters. */
export const CUSTODY_REQUEST_FAULT_POINTS = [
  'service:custody-request.inserted',
  'service:custody-request.before-commit',
  'service:custody-request.committed',
  'service:custody-request.answered',
  'service:custody-request.recorded',
] as const;

export type CustodyRequestFaultPoint = (typeof CUSTODY_REQUEST_FAULT_POINTS)[number];
