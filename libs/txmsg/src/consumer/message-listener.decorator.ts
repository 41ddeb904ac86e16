import { createListenerDecorator } from '../options/listener.decorator.js';

/** A class whose fields class-validator and class-transformer know by their decorators. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- a class with any constructor
export type PayloadClass = new (...args: any[]) => object;

/** What breaks a rule keeps the service from starting, and is named in the report (`TxMsgConfigurationError`). */
export interface MessageListenerOptions {
  /**
   * The topic, 1 to 127 characters. A default, which the option `names.topics` may rename. Required. A topic that
   * RocketMQ does not have lets the service start; readiness and the log say so until it is created.
   */
  readonly topic: string;
  /**
   * The consumer group, 1 to 128 characters; every instance of the service uses the same one, and no other listener
   * does. A default, which the option `names.consumerGroups` may rename. The actual name is also the scope of the
   * barrier's rows: under another name, messages that were consumed already count as new. Required.
   */
  readonly consumerGroup: string;
  /**
   * The class (class-validator, class-transformer) that the JSON body is turned into. Unknown fields are dropped; a
   * body that does not validate becomes a dead letter at once. Required.
   */
  readonly payload: PayloadClass;
  /**
   * Finds the txNo in the validated payload. A message without a usable one becomes a dead letter at once.
   * @default the payload's own property `txNo`
   */
  readonly txNo?: (payload: never) => string;
  /**
   * How often the handler may fail before the message becomes a dead letter: 1 to 1 000 000. Each process counts by
   * itself: a restart begins at 0, N instances may fail N × (attemptsMax - 1) + 1 times, and a crash does not count.
   * Failures of the database or the broker never count, and neither does a statement that does not fit the tables or
   * rights as they are (a migration may be under way): those are retried until the message is older than
   * `barrierRetentionMs`.
   * @default the option `handlerAttemptsMax` of the module, which is 16 by default
   */
  readonly attemptsMax?: number;
  /**
   * How many transactions run at once: 1 to 1024. Each takes a connection of the pool; more than the pool has wait for
   * one. What arrives while they run waits for the next ones, so with fewer of them batches are larger.
   * @default 8 for the single form, 2 for the batch form
   */
  readonly concurrency?: number;
  /**
   * The most messages in one transaction: 1 to 256.
   * @default 32
   */
  readonly batchSizeMax?: number;
  /**
   * How long to wait before the next messages are asked for, in ms, when fewer have come than there was room for: 0 to
   * 1000. More of them then come together, which costs the broker and the database less for each; a message may be
   * handled so much later. For messages that nobody waits for.
   * @default 0
   */
  readonly gatherMs?: number;
  /**
   * Whether messages of a handler in the single form may share a transaction; the batch form ignores it.
   *
   * Each handler then runs behind a savepoint: when it throws or ignores its message, only its own writes are rolled
   * back, and the others are committed. Handlers of one transaction run one after another, and the locks of all of them
   * are held until its COMMIT. What a savepoint cannot undo (a deadlock, a lock timeout, a lost connection) rolls back
   * all, and each message is then consumed in a transaction of its own. The library begins with one message in each
   * transaction, takes more while handlers are quick, fewer after a failure, and one while they are slow (more than
   * 200 ms each) or wait for anything but the database.
   * @default true
   */
  readonly batching?: boolean;
}

/**
 * Marks a provider as the handler of a topic's messages. The class implements `MessageHandler` or
 * `BatchMessageHandler`, is a singleton, and is provided once; a subclass inherits the decorator.
 * One that a factory makes for each request is refused at start when its token is the class; under another token it is not
 * found, and receives nothing.
 */
export const MessageListener = createListenerDecorator<MessageListenerOptions>('MessageListener');
