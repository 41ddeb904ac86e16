import type { EntityManager } from 'typeorm';
import type { IncomingMessage } from '../broker/index.js';
import type { DeadLetterReason } from './retry-policy.js';

/** What `ignore` returns. */
export interface Ignored {
  /** The reason, for the log. */
  readonly ignored: string;
}

/**
 * Return this from `onMessage` for a message that does not concern this service. Everything is rolled back, the barrier row
 * too, so that a genuine message with the same txNo is not treated as a duplicate; the message is acknowledged and the
 * reason logged.
 */
export function ignore(reason: string): Ignored {
  return { ignored: reason };
}

/** What both forms of a handler may have besides. */
export interface MessageHooks<Payload> {
  /**
   * Fills configured defaults into a validated payload, before the contents are hashed: two messages with the same txNo are
   * duplicates when the payloads returned here are equal. Must be deterministic. A throw makes the message poison.
   */
  normalizePayload?(payload: Payload): Payload;

  /**
   * Called in the transaction that stores a readable message as a dead letter, for what must follow from it (telling the
   * sender, for example). It may take effect more than once for one message: when a stored one is delivered again after a
   * crash or a lost acknowledgement, and when handling it again fails; so let the service's own tables decide. Return `DROP`
   * when no operator needs to see it: the service's own tables show that exactly these contents were consumed although their
   * barrier row has been deleted, or that the message does not concern the service. Then no dead letter is stored; what else
   * was written is committed. Throwing retries, as for the handler; after
   * `attemptsMax` failures the dead letter is stored without this call, and its detail says so.
   */
  onDeadLetter?(
    payload: Payload,
    reason: DeadLetterReason,
    entityManager: EntityManager,
  ): Promise<'STORE' | 'DROP'>;

  /**
   * Called in the transaction in which an operator dismisses a readable dead letter, for what must follow from it (recording
   * a refusal, telling the sender). The barrier row, which makes later deliveries of these contents duplicates, is inserted
   * before. Do not rely on the barrier alone: the contents may have been consumed and their barrier row deleted since, or
   * the txNo may belong to other contents. Check the service's own tables. A throw keeps the dead letter open.
   *
   * Return `ignore(reason)` when the dismissal decides nothing: the dead letter is closed and what was written is committed,
   * but the barrier row is deleted again, so that the message is handled when it is delivered once more.
   */
  onDismiss?(payload: Payload, entityManager: EntityManager): Promise<Ignored | undefined> | Promise<void>;
}

/**
 * Handles the messages of one topic for one consumer group; a provider class decorated with `@MessageListener`.
 *
 * It runs inside a database transaction that the library begins and commits, after the barrier row was inserted.
 *
 * Guaranteed: its writes through `entityManager` take effect once per txNo, however often the message is delivered.
 *
 * Not guaranteed: the order of messages, and that effects elsewhere (HTTP calls, other connections) happen only once. Await
 * every statement. Each call gets a new copy of the payload and of the message. Under load several messages share one
 * database transaction, each behind a savepoint (the decorator's option `batching`).
 *
 * Throwing rolls everything back and retries; after `attemptsMax` failures the message becomes a dead letter. A refusal for
 * a business reason is a normal return that records it.
 */
export interface MessageHandler<Payload = unknown> extends MessageHooks<Payload> {
  /**
   * Handles one message in the transaction of `entityManager`.
   * @param payload - validated, with the defaults of `normalizePayload`
   * @param entityManager - of the transaction; not to be used after the return
   * @returns nothing when the message is done, or `ignore(reason)`
   */
  onMessage(
    payload: Payload,
    entityManager: EntityManager,
    message: IncomingMessage,
  ): Promise<Ignored | undefined> | Promise<void>;
}

/** One message of a batch. */
export interface MessageItem<Payload = unknown> {
  /** Found in the payload by the option `txNo` of the decorator. */
  readonly txNo: string;
  /** Validated, with the defaults of `normalizePayload`. */
  readonly payload: Payload;
  /** The message as the broker delivered it. */
  readonly message: IncomingMessage;
}

/**
 * The batch form: up to `batchSizeMax` messages in one database transaction, in txNo order, each txNo once. What
 * `MessageHandler` guarantees holds for each message. Throwing rolls everything back; the batch is tried once more, then
 * each message alone, so that one failing message does not block the others.
 *
 * Return nothing when every message is done; otherwise one answer for each item, in their order: undefined when it is
 * done, `ignore(reason)` when it means nothing to this service. An ignored item must have written nothing, because the
 * others are committed; its barrier row is deleted again.
 */
export interface BatchMessageHandler<Payload = unknown> extends MessageHooks<Payload> {
  /** Handles all of `items` in the transaction of `entityManager`, which must not be used after the return. */
  onMessages(
    items: readonly MessageItem<Payload>[],
    entityManager: EntityManager,
  ): Promise<readonly (Ignored | undefined)[]> | Promise<void>;
}
