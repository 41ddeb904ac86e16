import type { IncomingMessage } from '../broker/index.js';

/** Why a message became a dead letter. */
export const DEAD_LETTER_REASONS = ['POISON', 'TX_NO_CONFLICT', 'HANDLER_FAILED', 'EXPIRED'] as const;
export type DeadLetterReason = (typeof DEAD_LETTER_REASONS)[number];

/** OPEN until somebody has re-driven it with success, or dismissed it. */
export const DEAD_LETTER_STATES = ['OPEN', 'REDRIVEN', 'DISMISSED'] as const;
export type DeadLetterState = (typeof DEAD_LETTER_STATES)[number];

export const DETAIL_LENGTH_MAX = 2000;

/**
 * What a message has beside its body, as text; `readProperties` is its counterpart. Nothing that a sender writes can
 * take the place of `cut`: its own properties are a level deeper.
 */
export function storedProperties({ keys, properties, bornAtMs, cut }: IncomingMessage): string {
  return JSON.stringify({ keys, properties, bornAtMs, cut });
}

/** Whatever is missing, or is no JSON because a person changed the row, counts as empty. */
export function readProperties(text: string | null): Omit<IncomingMessage, 'messageId' | 'topic' | 'body'> {
  let stored: Partial<IncomingMessage> | null;
  try {
    stored = JSON.parse(text ?? '{}') as Partial<IncomingMessage> | null;
  } catch {
    stored = {};
  }
  const { keys = [], properties = {}, bornAtMs, cut } = stored ?? {};
  return { keys, properties, bornAtMs, cut };
}
