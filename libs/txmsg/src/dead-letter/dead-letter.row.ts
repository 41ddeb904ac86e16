import { bornAtMsOf, type IncomingMessage } from '../broker/index.js';

export const DETAIL_LENGTH_MAX = 2000;

/**
 * What a message has beside its body, as text; `readProperties` is its counterpart. The sender's own properties are one
 * level deeper, so that none of them can be mistaken for `cut`.
 */
export function storedProperties({ keys, properties, bornAtMs, cut }: IncomingMessage): string {
  return JSON.stringify({ keys, properties, bornAtMs, cut });
}

/** What is missing, or is not JSON because a person changed the row, counts as empty. */
export function readProperties(text: string | null): Omit<IncomingMessage, 'messageId' | 'topic' | 'body'> {
  let stored: Partial<IncomingMessage> | null;
  try {
    stored = JSON.parse(text ?? '{}') as Partial<IncomingMessage> | null;
  } catch {
    stored = {};
  }
  const { keys = [], properties = {}, bornAtMs, cut } = stored ?? {};
  return { keys, properties, bornAtMs: bornAtMsOf(bornAtMs), cut };
}
