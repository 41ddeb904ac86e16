import 'reflect-metadata';

export { AccountChangeEvent, AccountChangeMessage } from './events/account-change.message.js';
export { TransferResultEvent, TransferResultMessage } from './events/transfer-result.message.js';
export { RejectionReason, TRANSFER_OUTCOMES, type TransferOutcome } from './events/transfer-outcome.js';
export { IDENTIFIER_PATTERN, IDENTIFIER_RULE, isIdentifier } from './identifier/identifier.js';
export { IsIdentifier } from './identifier/is-identifier.decorator.js';
export {
  AMOUNT_RULE,
  HTTP_AMOUNT_RULE,
  isHttpAmount,
  isNormalAmount,
  normalizeAmount,
} from './money/amount.js';
export { toAmount, toCents } from './money/cents.js';
export { IsAmount, IsHttpAmount } from './money/is-amount.decorator.js';
export * from './names/names.js';
export { ProblemCode } from './problems/problem-code.js';
