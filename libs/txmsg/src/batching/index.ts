export { BatchSize } from './batch-size.js';
export { BatchedHandlers, type BatchedHandler, type ItemResult } from './batched-handlers.js';
