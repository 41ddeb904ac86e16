import type { Command } from './command.js';
import { auditCommand } from './commands/audit.js';
import {
  deadLettersDismiss,
  deadLettersList,
  deadLettersRedrive,
  deadLettersShow,
} from './commands/dead-letters.js';
import { outboxRepublish } from './commands/outbox.js';
import { reconcile } from './commands/reconcile.js';
import { schemaSql, schemaStatus } from './commands/schema.js';

/** Every command; a new one is a file and a line here. */
export const COMMANDS: readonly Command[] = [
  deadLettersList,
  deadLettersShow,
  deadLettersRedrive,
  deadLettersDismiss,
  reconcile,
  auditCommand,
  outboxRepublish,
  schemaStatus,
  schemaSql,
];
