import type { IncomingMessage } from '../broker/index.js';

/** Why a message became a dead letter. */
export const DEAD_LETTER_REASONS = ['POISON', 'TX_NO_CONFLICT', 'HANDLER_FAILED', 'EXPIRED'] as const;
export type DeadLetterReason = (typeof DEAD_LETTER_REASONS)[number];

/** OPEN until somebody has re-driven it with success, or dismissed it. */
export const DEAD_LETTER_STATES = ['OPEN', 'REDRIVEN', 'DISMISSED'] as const;
export type DeadLetterState = (typeof DEAD_LETTER_STATES)[number];

export const DETAIL_LENGTH_MAX = 2000;

/** What a message has beside its body, as text; `readProperties` is its counterpart. */
export function storedProperties({ keys, properties, bornAtMs }: IncomingMessage): string {
  return JSON.stringify({ keys, properties, bornAtMs });
}

/** Whatever is missing, or is no JSON because a person changed the row, counts as empty. */
export function readProperties(
  text: string | null,
): Pick<IncomingMessage, 'keys' | 'properties' | 'bornAtMs'> {
  let stored: Partial<IncomingMessage> | null;
  try {
    stored = JSON.parse(text ?? '{}') as Partial<IncomingMessage> | null;
  } catch {
    stored = {};
  }
  return { keys: stored?.keys ?? [], properties: stored?.properties ?? {}, bornAtMs: stored?.bornAtMs };
}

/** Cuts by characters, never through a surrogate pair. */
export function cutText(text: string, charactersMax: number): string {
  return text.length <= charactersMax ? text : Array.from(text).slice(0, charactersMax).join('');
}
