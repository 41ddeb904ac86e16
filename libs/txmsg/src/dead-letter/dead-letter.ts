import type { CutBody, IncomingMessage } from '../broker/index.js';
import type { DeadLetterReason } from '../consumer/retry-policy.js';

/** OPEN until an operator has re-driven it with success, or dismissed it. */
export const DEAD_LETTER_STATES = ['OPEN', 'REDRIVEN', 'DISMISSED'] as const;
/** One of `DEAD_LETTER_STATES`. */
export type DeadLetterState = (typeof DEAD_LETTER_STATES)[number];

/** A line of the list of dead letters. */
export interface DeadLetterSummary {
  /** A positive whole number, as text. */
  readonly id: string;
  /** The group that could not consume it, by its name at the broker. */
  readonly consumerGroup: string;
  /** By its name at the broker. */
  readonly topic: string;
  /** Null when the message could not be read. */
  readonly txNo: string | null;
  /** The sender's id of the message. */
  readonly messageId: string;
  /** Why it became a dead letter. */
  readonly reason: DeadLetterReason;
  /** The error in words. */
  readonly detail: string;
  /** OPEN until an operator has dealt with it. */
  readonly state: DeadLetterState;
  /** The broker's count of deliveries when it was stored. */
  readonly deliveryAttempt: number;
  /** The size of the stored body, in bytes. */
  readonly bodyBytes: number;
  /** When it was stored first, by the database's clock. */
  readonly createTime: Date;
  /** When it was last stored or acted on, by the database's clock. */
  readonly updateTime: Date;
}

/** One action on a dead letter. */
export interface DeadLetterHistoryEntry {
  /** REOPEN: a closed one's message was delivered once more and failed again. */
  readonly action: 'REDRIVE' | 'DISMISS' | 'REOPEN';
  /** The operator; null when the service did it by itself. */
  readonly by: string | null;
  /** The operator's reason; empty when none was given. */
  readonly note: string;
  /** DONE, DUPLICATE, IGNORED or DROPPED (see `DeadLetterResult`); the reason when the message failed again. */
  readonly outcome: string;
  /** By the database's clock. */
  readonly time: Date;
}

/** A message that could not be consumed, with all that is known about it. */
export interface DeadLetter extends DeadLetterSummary {
  /** As text when it is UTF-8, else in base64. */
  readonly body: { readonly encoding: 'utf8' | 'base64'; readonly text: string };
  /** Set when the body was too large: `body` is the beginning of it, and it cannot be re-driven. */
  readonly cut: CutBody | null;
  /** The message's keys; txmsg sends the txNo as the only one. */
  readonly keys: readonly string[];
  /** The sender's properties, without RocketMQ's own. */
  readonly properties: Readonly<Record<string, string>>;
  /** When it was sent, by the sender's clock; null when that is not known. */
  readonly bornAt: Date | null;
  /** What was done about it, oldest first. */
  readonly history: readonly DeadLetterHistoryEntry[];
}

/** A dead letter as its row holds it: with the message that may be consumed again. */
export interface StoredDeadLetter extends DeadLetterSummary {
  readonly message: IncomingMessage;
  /** Oldest first. */
  readonly history: readonly DeadLetterHistoryEntry[];
}

export function toDeadLetter({ message, ...rest }: StoredDeadLetter): DeadLetter {
  const { body, cut = null, keys, properties, bornAtMs } = message;
  return {
    ...rest,
    body: asText(body),
    cut,
    keys,
    properties,
    bornAt: bornAtMs === undefined ? null : new Date(bornAtMs),
  };
}

function asText(body: Buffer): DeadLetter['body'] {
  try {
    return {
      encoding: 'utf8',
      text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body),
    };
  } catch {
    return { encoding: 'base64', text: body.toString('base64') };
  }
}
