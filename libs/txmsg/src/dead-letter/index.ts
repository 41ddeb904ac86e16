export { DeadLetterStore, type DeadLetter, type DeadLetterReason } from './dead-letter.store.js';
