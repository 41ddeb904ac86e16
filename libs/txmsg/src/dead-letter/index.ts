export { DeadLetterStore, type DeadLetter } from './dead-letter.store.js';
export {
  claimDeadLetter,
  closeDeadLetter,
  DeadLetterNotClaimed,
  keepDeadLetterOpen,
  lockState,
  type DeadLetterActor,
  type NotClaimed,
} from './dead-letter.actions.js';
export {
  DeadLetterReader,
  type DeadLetterFilter,
  type DeadLetterHistoryEntry,
  type DeadLetterSummary,
  type StoredDeadLetter,
} from './dead-letter.reader.js';
export {
  DEAD_LETTER_REASONS,
  DEAD_LETTER_STATES,
  type DeadLetterReason,
  type DeadLetterState,
} from './dead-letter.row.js';
