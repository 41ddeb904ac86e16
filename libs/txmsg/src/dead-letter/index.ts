export {
  DEAD_LETTER_STATES,
  type DeadLetter,
  type DeadLetterHistoryEntry,
  type DeadLetterState,
  type DeadLetterSummary,
} from './dead-letter.js';
export type { DeadLetterActor, RedriveOptions } from './dead-letter.actions.js';
export { DeadLetterIntake } from './dead-letter.intake.js';
export { DeadLetterReader, type DeadLetterFilter } from './dead-letter.reader.js';
export type { DeadLetterResult } from './dead-letter-result.js';
export { DeadLetters, type DeadLetterPage, type DeadLetterQuery, type ReadOptions } from './dead-letters.js';
export { DeadLetterStore } from './dead-letter.store.js';
