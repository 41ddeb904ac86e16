import type { Command } from './command.js';
import {
  deadLettersDismiss,
  deadLettersList,
  deadLettersRedrive,
  deadLettersShow,
} from './commands/dead-letters.js';
import { outboxRepublish } from './commands/outbox.js';
import { reconcile } from './commands/reconcile.js';

/** Every command; a new one is a file and a line here. */
export const COMMANDS: readonly Command[] = [
  deadLettersList,
  deadLettersShow,
  deadLettersRedrive,
  deadLettersDismiss,
  reconcile,
  outboxRepublish,
];
