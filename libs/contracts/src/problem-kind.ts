import { ProblemCode } from './problem-code.js';

interface ProblemKind {
  readonly status: number;
  readonly title: string;
}

/** What every code means on the wire. */
export const PROBLEM_KINDS: Readonly<Record<ProblemCode, ProblemKind>> = {
  [ProblemCode.INVALID_INPUT]: { status: 400, title: 'A field breaks its rule' },
  [ProblemCode.MALFORMED_REQUEST]: { status: 400, title: 'The request cannot be read' },
  [ProblemCode.UNAUTHORIZED]: { status: 401, title: 'The admin token is missing or wrong' },
  [ProblemCode.HOST_NOT_ALLOWED]: { status: 403, title: 'The bank does not go by this name' },
  [ProblemCode.REQUEST_REFUSED]: { status: 403, title: 'This kind of request is refused' },
  [ProblemCode.CLASSIC_CALL_DISABLED]: { status: 403, title: 'The classic call is switched off' },
  [ProblemCode.FAULT_INJECTION_OFF]: { status: 403, title: 'Fault injection is switched off' },
  [ProblemCode.ROUTE_NOT_FOUND]: { status: 404, title: 'There is nothing at this address' },
  [ProblemCode.ACCOUNT_NOT_FOUND]: { status: 404, title: 'No such account' },
  [ProblemCode.TRANSFER_NOT_FOUND]: { status: 404, title: 'No such transfer' },
  [ProblemCode.ORDER_NOT_FOUND]: { status: 404, title: 'No such order' },
  [ProblemCode.PRODUCT_NOT_FOUND]: { status: 404, title: 'No such product' },
  [ProblemCode.DEDUCTION_NOT_FOUND]: { status: 404, title: 'Nothing was decided about this txNo' },
  [ProblemCode.PROJECT_NOT_FOUND]: { status: 404, title: 'No such project' },
  [ProblemCode.PLAN_NOT_FOUND]: { status: 404, title: 'No plan for this project' },
  [ProblemCode.JOB_NOT_FOUND]: { status: 404, title: 'No such durable job' },
  [ProblemCode.DEAD_LETTER_NOT_FOUND]: { status: 404, title: 'No such dead letter' },
  [ProblemCode.USER_NOT_FOUND]: { status: 404, title: 'No such user' },
  [ProblemCode.SUBSCRIBER_NOT_FOUND]: { status: 404, title: 'No such subscriber' },
  [ProblemCode.NOTIFICATION_NOT_FOUND]: { status: 404, title: 'No such notification' },
  [ProblemCode.METHOD_NOT_ALLOWED]: { status: 405, title: 'Method not allowed' },
  [ProblemCode.TX_NO_CONFLICT]: { status: 409, title: 'The txNo was used for other contents' },
  [ProblemCode.PROJECT_CONFLICT]: { status: 409, title: 'It is there already, with other contents' },
  [ProblemCode.PROJECT_CLOSED]: { status: 409, title: 'The project takes no bids any more' },
  [ProblemCode.JOB_NOT_FAILED]: { status: 409, title: 'The durable job has not failed' },
  [ProblemCode.DEAD_LETTER_CLOSED]: { status: 409, title: 'The dead letter is closed' },
  [ProblemCode.DEAD_LETTER_BUSY]: {
    status: 409,
    title: 'Another operation on the dead letter is in progress',
  },
  [ProblemCode.DEAD_LETTER_WITHOUT_LISTENER]: { status: 409, title: 'Nothing here handles the message' },
  [ProblemCode.SUBSCRIBER_NAME_TAKEN]: { status: 409, title: 'Another subscriber has this name' },
  [ProblemCode.SUBSCRIBER_OFF]: { status: 409, title: 'The subscriber is not called' },
  [ProblemCode.NOTIFICATION_NOT_GIVEN_UP]: { status: 409, title: 'The notification was not given up' },
  [ProblemCode.BODY_TOO_LARGE]: { status: 413, title: 'The body is too large' },
  [ProblemCode.UNSUPPORTED_MEDIA_TYPE]: { status: 415, title: 'Unsupported media type' },
  [ProblemCode.INSUFFICIENT_BALANCE]: { status: 422, title: 'Insufficient balance' },
  [ProblemCode.ACCOUNT_FROZEN]: { status: 422, title: 'The account is frozen' },
  [ProblemCode.PROJECT_NOT_FULL]: { status: 422, title: 'The bids of the project are not full' },
  [ProblemCode.BIDS_EXCEED_AMOUNT]: { status: 422, title: 'The bids are more than the project asks for' },
  [ProblemCode.DEAD_LETTER_FAILED_AGAIN]: { status: 422, title: 'The message failed again' },
  [ProblemCode.DEAD_LETTER_BODY_CUT]: { status: 422, title: 'Only the beginning of the message was kept' },
  [ProblemCode.TOO_MANY_REQUESTS]: { status: 429, title: 'Too many requests' },
  [ProblemCode.REQUEST_FAILED]: { status: 400, title: 'The request failed' },
  [ProblemCode.INTERNAL_ERROR]: { status: 500, title: 'Unexpected error' },
  [ProblemCode.BOOKS_REFUSED]: { status: 502, title: 'bank2 refuses to show its books' },
  [ProblemCode.SERVICE_UNAVAILABLE]: { status: 503, title: 'Nothing was done, try again later' },
};
