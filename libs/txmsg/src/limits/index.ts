export { excessOf } from './json-limits.js';
export { isTxNo, requireTxNo, TX_NO_PATTERN } from './tx-no.js';
export { requireMoment } from './moment.js';
export { encodeContents, encodePayload } from './payload.encoder.js';
export { whyTooLittleHeap } from './memory-budget.js';
export { DEFAULT_MESSAGE_LIMITS, resolveLimits, type MessageLimits } from './message-limits.js';
