import type { EntityManager } from 'typeorm';
import type { IncomingMessage } from '../broker/index.js';

interface PayloadNormalizer<Payload> {
  /**
   * Fills configured defaults into a validated payload, before the contents are hashed: two messages are
   * duplicates when what comes out of here is equal. Must be deterministic.
   */
  normalizePayload?(payload: Payload): Payload;
}

/**
 * Handles the messages of one topic for one consumer group; a provider class decorated with `@MessageListener`.
 *
 * It runs inside a database transaction that the library begins and commits, after the barrier row was
 * inserted: it takes effect once per txNo, however often the message is delivered. Do everything through
 * `entityManager`; effects elsewhere may happen more than once. A throw means "again later": a refusal for a
 * business reason is a normal return that records it.
 */
export interface MessageHandler<Payload = unknown> extends PayloadNormalizer<Payload> {
  onMessage(payload: Payload, entityManager: EntityManager, message: IncomingMessage): Promise<void>;
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
export interface BatchMessageHandler<Payload = unknown> extends PayloadNormalizer<Payload> {
  onMessages(items: readonly MessageItem<Payload>[], entityManager: EntityManager): Promise<void>;
}
