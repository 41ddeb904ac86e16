import type { EntityManager } from 'typeorm';
import type { IncomingMessage } from '../broker/index.js';
import type { DeadLetterReason } from '../dead-letter/index.js';

/** The answer of a handler that wants nothing done: see `ignore`. */
export interface Ignored {
  readonly ignored: string;
}

/**
 * Return this from `onMessage` for a message that means nothing to this service: everything is rolled back, the
 * barrier row too, so that it cannot stand in the way of a genuine message under the same txNo; the message is
 * acknowledged, and the reason logged.
 */
export function ignore(reason: string): Ignored {
  return { ignored: reason };
}

/** What both forms of a handler may have besides. */
export interface MessageHooks<Payload> {
  /**
   * Fills configured defaults into a validated payload, before the contents are hashed: two messages are
   * duplicates when what comes out of here is equal. Must be deterministic.
   */
  normalizePayload?(payload: Payload): Payload;

  /**
   * Called in the transaction that stores a readable message as a dead letter, for what must follow from it (tell
   * the sender, say). Answer `DROP` when nobody need look at it: the service's own tables show that exactly these
   * contents were consumed, though the barrier has forgotten, or that the message is none of its business. Then no
   * dead letter is stored; what else was written stays. A throw is retried like one of the handler; after
   * `attemptsMax` failures the dead letter is stored without it, which its detail says.
   */
  onDeadLetter?(
    payload: Payload,
    reason: DeadLetterReason,
    entityManager: EntityManager,
  ): Promise<'STORE' | 'DROP'>;

  /**
   * Called in the transaction in which an operator dismisses a readable dead letter, after the barrier row that makes
   * later deliveries of these contents duplicates: for what must follow from it (refuse it for good, tell the sender).
   * The barrier is not enough to rely on: the contents may have been consumed and the barrier purged since, or the
   * txNo may be taken by others; look into the service's own tables. A throw keeps the dead letter open.
   *
   * Return `ignore(reason)` when nothing is decided by the dismissal: the letter is closed and what was written stays,
   * but the barrier row is taken back, so that the message is handled when it comes again.
   */
  onDismiss?(payload: Payload, entityManager: EntityManager): Promise<Ignored | undefined> | Promise<void>;
}

/**
 * Handles the messages of one topic for one consumer group; a provider class decorated with `@MessageListener`.
 *
 * It runs inside a database transaction that the library begins and commits, after the barrier row was
 * inserted: it takes effect once per txNo, however often the message is delivered. Every try gets a new copy of the
 * payload and of the message. Do everything through `entityManager` and await it; effects elsewhere may happen more than once. A throw means "again later": a refusal for a
 * business reason is a normal return that records it.
 */
export interface MessageHandler<Payload = unknown> extends MessageHooks<Payload> {
  onMessage(
    payload: Payload,
    entityManager: EntityManager,
    message: IncomingMessage,
  ): Promise<Ignored | undefined> | Promise<void>;
}

export interface MessageItem<Payload = unknown> {
  readonly txNo: string;
  readonly payload: Payload;
  readonly message: IncomingMessage;
}

/**
 * The batch form: many messages in one database transaction. Items come in txNo order, each txNo once.
 * A throw rolls everything back; the batch is tried once more, then each message alone, so that one bad
 * message never blocks its neighbours.
 */
export interface BatchMessageHandler<Payload = unknown> extends MessageHooks<Payload> {
  onMessages(items: readonly MessageItem<Payload>[], entityManager: EntityManager): Promise<void>;
}
