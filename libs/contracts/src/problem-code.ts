/**
 * The stable `code` of every problem document (RFC 9457) that a bank answers. Programs decide by it; titles and
 * details are for people and may be reworded.
 */
export const ProblemCode = {
  /** 400: a field breaks its rule; `errors` names each field and rule. */
  INVALID_INPUT: 'INVALID_INPUT',
  /** 400: the body is not JSON, nested too deeply, or the URL is broken. */
  MALFORMED_REQUEST: 'MALFORMED_REQUEST',
  /** 401: an admin route without the admin token, or with a wrong one. */
  UNAUTHORIZED: 'UNAUTHORIZED',
  /** 401: nothing proves that the webhook comes from whoever it says, or it is too old. */
  WEBHOOK_NOT_VERIFIED: 'WEBHOOK_NOT_VERIFIED',
  /** 401: there is no usable account with this name and this password; which of both is wrong is not told. */
  LOGIN_REFUSED: 'LOGIN_REFUSED',
  /** 403: the Host header names the bank by a name that is not its own; nothing was done. */
  HOST_NOT_ALLOWED: 'HOST_NOT_ALLOWED',
  /** 403: this request may change nothing: a browser sent it by itself, or for a page of another site. */
  REQUEST_REFUSED: 'REQUEST_REFUSED',
  /** 403: the classic GET call is switched off. */
  CLASSIC_CALL_DISABLED: 'CLASSIC_CALL_DISABLED',
  /** 403: fault injection was not switched on when the bank was started; in production mode it cannot be. */
  FAULT_INJECTION_OFF: 'FAULT_INJECTION_OFF',
  /** 404: there is nothing at this address. */
  ROUTE_NOT_FOUND: 'ROUTE_NOT_FOUND',
  /** 404: this bank has no such account. */
  ACCOUNT_NOT_FOUND: 'ACCOUNT_NOT_FOUND',
  /** 404: this bank knows no such transfer. */
  TRANSFER_NOT_FOUND: 'TRANSFER_NOT_FOUND',
  /** 404: this bank has heard of no such top-up, and nobody has registered it. */
  TOP_UP_NOT_FOUND: 'TOP_UP_NOT_FOUND',
  /** 404: pay knows no such payment. */
  PAYMENT_NOT_FOUND: 'PAYMENT_NOT_FOUND',
  /** 404: order knows no such order. */
  ORDER_NOT_FOUND: 'ORDER_NOT_FOUND',
  /** 404: stock knows no such product. */
  PRODUCT_NOT_FOUND: 'PRODUCT_NOT_FOUND',
  /** 404: stock has decided about no order with this txNo. */
  DEDUCTION_NOT_FOUND: 'DEDUCTION_NOT_FOUND',
  /** 404: trading knows no such project. */
  PROJECT_NOT_FOUND: 'PROJECT_NOT_FOUND',
  /** 404: repayment knows no plan for this project. */
  PLAN_NOT_FOUND: 'PLAN_NOT_FOUND',
  /** 404: the service has no such durable job. */
  JOB_NOT_FOUND: 'JOB_NOT_FOUND',
  /** 404: this bank has no such dead letter. */
  DEAD_LETTER_NOT_FOUND: 'DEAD_LETTER_NOT_FOUND',
  /** 404: this service has no such user. */
  USER_NOT_FOUND: 'USER_NOT_FOUND',
  /** 404: this service knows no such registration. */
  REGISTRATION_NOT_FOUND: 'REGISTRATION_NOT_FOUND',
  /** 404: nobody has asked for this account at the custody bank. */
  CUSTODY_REQUEST_NOT_FOUND: 'CUSTODY_REQUEST_NOT_FOUND',
  /** 404: notifier has no such subscriber. */
  SUBSCRIBER_NOT_FOUND: 'SUBSCRIBER_NOT_FOUND',
  /** 404: notifier knows no such notification, or none any more. */
  NOTIFICATION_NOT_FOUND: 'NOTIFICATION_NOT_FOUND',
  /** 405: the address exists, but not for this method. */
  METHOD_NOT_ALLOWED: 'METHOD_NOT_ALLOWED',
  /** 409: the txNo was used before, for other contents. */
  TX_NO_CONFLICT: 'TX_NO_CONFLICT',
  /** 409: this call was rolled back at every service that took part in it; it may be tried again. */
  ROLLED_BACK: 'ROLLED_BACK',
  /** 409: another user has this name, or may get it by a registration that is still open. */
  NAME_TAKEN: 'NAME_TAKEN',
  /** 409: the registration of this user is still open, so that nothing can be done for them yet. */
  USER_PENDING: 'USER_PENDING',
  /** 409: a webhook with this id was received before, with another body. */
  WEBHOOK_ID_CONFLICT: 'WEBHOOK_ID_CONFLICT',
  /** 409: the project, or a bid of it, is there already with other contents. */
  PROJECT_CONFLICT: 'PROJECT_CONFLICT',
  /** 409: the project takes no bids any more. */
  PROJECT_CLOSED: 'PROJECT_CLOSED',
  /** 409: the durable job has not failed, so there is nothing to retry. */
  JOB_NOT_FAILED: 'JOB_NOT_FAILED',
  /** 409: the dead letter was re-driven or dismissed before. */
  DEAD_LETTER_CLOSED: 'DEAD_LETTER_CLOSED',
  /** 409: another operation on the dead letter is in progress; the same request may be repeated. */
  DEAD_LETTER_BUSY: 'DEAD_LETTER_BUSY',
  /** 409: this bank has no listener for the dead letter's consumer group. */
  DEAD_LETTER_WITHOUT_LISTENER: 'DEAD_LETTER_WITHOUT_LISTENER',
  /** 409: another subscriber has this name. */
  SUBSCRIBER_NAME_TAKEN: 'SUBSCRIBER_NAME_TAKEN',
  /** 409: the subscriber is switched off or deleted, so nothing is sent to it. */
  SUBSCRIBER_OFF: 'SUBSCRIBER_OFF',
  /** 409: the notification was not given up, so there is nothing to re-drive. */
  NOTIFICATION_NOT_GIVEN_UP: 'NOTIFICATION_NOT_GIVEN_UP',
  /** 413: the body is larger than the limit. */
  BODY_TOO_LARGE: 'BODY_TOO_LARGE',
  /** 415: the body is not `application/json`. */
  UNSUPPORTED_MEDIA_TYPE: 'UNSUPPORTED_MEDIA_TYPE',
  /** 422: the payer has less than the amount. */
  INSUFFICIENT_BALANCE: 'INSUFFICIENT_BALANCE',
  /** 422: the payer's account is frozen. */
  ACCOUNT_FROZEN: 'ACCOUNT_FROZEN',
  /** 422: with this amount, the payee would have more than an account can hold. */
  BALANCE_OVERFLOW: 'BALANCE_OVERFLOW',
  /** 422: the bids do not add up to the amount of the project, so it cannot be approved. */
  PROJECT_NOT_FULL: 'PROJECT_NOT_FULL',
  /** 422: with these bids, there would be more than the project asks for. */
  BIDS_EXCEED_AMOUNT: 'BIDS_EXCEED_AMOUNT',
  /** 422: the message of the dead letter failed again; it stays open. */
  DEAD_LETTER_FAILED_AGAIN: 'DEAD_LETTER_FAILED_AGAIN',
  /** 422: the message was too large, only its beginning was kept, and so it cannot be handled again. */
  DEAD_LETTER_BODY_CUT: 'DEAD_LETTER_BODY_CUT',
  /** 429: too many requests came from the caller's address; this one did nothing and may be repeated later. */
  TOO_MANY_REQUESTS: 'TOO_MANY_REQUESTS',
  /** 4xx that has no code of its own. */
  REQUEST_FAILED: 'REQUEST_FAILED',
  /** 500: a defect; what became of the request is not known. */
  INTERNAL_ERROR: 'INTERNAL_ERROR',
  /**
   * 500: the database did not confirm its COMMIT, and whether this request took effect is not known; or the request took effect,
   * and the result could not be read. `detail` says which. 502, 504 by the load balancer of the containers: the service that the
   * request was given to ended, or did not answer in time.
   */
  OUTCOME_UNKNOWN: 'OUTCOME_UNKNOWN',
  /** 501: this bank was not told where pay is, so it cannot ask. */
  PAY_NOT_CONFIGURED: 'PAY_NOT_CONFIGURED',
  /** 501: this service was not told where the custody bank is, or by what secret its webhooks are known. */
  CUSTODY_NOT_CONFIGURED: 'CUSTODY_NOT_CONFIGURED',
  /** 501: this service was not told where the coordinator and identity are, so it makes no users with a login account. */
  IDENTITY_NOT_CONFIGURED: 'IDENTITY_NOT_CONFIGURED',
  /** 502: bank2 does not let this bank read its books. */
  BOOKS_REFUSED: 'BOOKS_REFUSED',
  /** 503: this request did nothing and will do nothing; it may be repeated. */
  SERVICE_UNAVAILABLE: 'SERVICE_UNAVAILABLE',
} as const;

export type ProblemCode = (typeof ProblemCode)[keyof typeof ProblemCode];
