import 'reflect-metadata';

export { AccountChangeEvent, AccountChangeMessage } from './account-change.message.js';
export { TransferResultEvent, TransferResultMessage } from './transfer-result.message.js';
export { OrderMessage, OrderRollbackMessage } from './order.message.js';
export {
  DEDUCTION_STATES,
  isPayCount,
  isSameOrder,
  IsPayCount,
  PAY_COUNT_MAX,
  PAY_COUNT_RULE,
  RefusalReason,
  type DeductionState,
  type OrderContents,
} from './order.js';
export {
  CUSTODY_RESULTS,
  CUSTODY_STATUSES,
  CustodyRefusal,
  isSameCustodyRequest,
  type CustodyRequestContents,
  type CustodyResult,
  type CustodyStatus,
} from './custody.js';
export { CustodyResultMessage } from './custody.message.js';
export { ReviewMessage } from './review.message.js';
export {
  isProjectId,
  isSameReview,
  IsProjectId,
  IsRate,
  isTerms,
  IsTerms,
  PLAN_STATES,
  PROJECT_ID_PATTERN,
  RATE_RULE,
  reviewTxNoOf,
  TERMS_RULE,
  type PlanState,
  type ReviewContents,
} from './review.js';
export { isSameTopUp, TOP_UP_RESULTS, type TopUpContents, type TopUpResult } from './top-up.js';
export { TopUpResultMessage } from './top-up.message.js';
export { IsPassword, PASSWORD_RULE } from './password.js';
export { isUserName, IsUserName, normalizeUserName, USER_NAME_RULE } from './user-name.js';
export { UserRegisteredMessage } from './user-registered.message.js';
export {
  isSameTransfer,
  RejectionReason,
  TRANSFER_OUTCOMES,
  type TransferContents,
  type TransferOutcome,
} from './transfer.js';
export { IDENTIFIER_PATTERN, IDENTIFIER_RULE, isIdentifier, IsIdentifier } from './identifier.js';
export {
  AMOUNT_RULE,
  HTTP_AMOUNT_RULE,
  IsAmount,
  isHttpAmount,
  IsHttpAmount,
  isNormalAmount,
  normalizeAmount,
  toAmount,
  toCents,
} from './amount.js';
export * from './names.js';
export { ProblemCode } from './problem-code.js';
export { PROBLEM_KINDS } from './problem-kind.js';
export {
  BANKS,
  CUSTODY,
  hasMessages,
  isServiceName,
  mysqlUrlVariable,
  REGISTRATION,
  REVIEW,
  SEATA_BANKS,
  serviceNamed,
  SERVICES,
  SHOP,
  topicsOf,
  variablePrefix,
  serviceWithSuffix,
  type Bank,
  type CustodyService,
  type MysqlUrlVariable,
  type RegistrationService,
  type ReviewService,
  type SeataBank,
  type Service,
  type ServiceName,
  type ShopService,
} from './services.js';
export { TWO_PHASE_PATTERNS, type TwoPhasePattern } from './two-phase-pattern.js';
