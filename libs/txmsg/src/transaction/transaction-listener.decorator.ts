import { createListenerDecorator } from '../options/listener.decorator.js';

/** What breaks a rule keeps the service from starting, and is named in the report (`TxMsgConfigurationError`). */
export interface TransactionListenerOptions {
  /**
   * The transactional topic: 1 to 127 characters out of A-Z, a-z, 0-9, "_", "-" and "%". It belongs to exactly one
   * listener, and to one service. A default, which the option `names.topics` may rename. Required. A topic of another
   * message type than TRANSACTION lets the service start; readiness and the log say so until it is changed.
   */
  readonly topic: string;
  /**
   * The producer group, 1 to 128 characters; every instance of the service uses the same one, and no other listener
   * does. A default, which the option `names.producerGroups` may rename. The actual name is the scope of the barrier's
   * rows: under another name, a repeated call is not recognised, and check-backs find no outcome. Required.
   */
  readonly producerGroup: string;
  /**
   * The most callers that share one database transaction: 1 to 256.
   * @default 32
   */
  readonly batchSizeMax?: number;
  /**
   * Whether callers of a listener in the single form may share a database transaction; the batch form ignores it.
   *
   * Each local transaction then runs behind a savepoint: when it throws or refuses, only its own writes are rolled back,
   * and the others are committed. Those of one database transaction run one after another, each sees what the ones before
   * it wrote, and the locks of all of them are held until its COMMIT. What a savepoint cannot undo (a deadlock, a lock
   * timeout, a lost connection) rolls back all, and each then runs in a database transaction of its own. The library
   * begins with one caller in each, takes more while local transactions are quick, fewer after a failure, and one while
   * they are slow (more than 200 ms each) or wait for anything but the database.
   * @default true
   */
  readonly batching?: boolean;
}

/**
 * Marks a provider as the local transaction of a transactional topic. The class implements
 * `LocalTransactionListener` or `BatchLocalTransactionListener`, is a singleton, and is provided once; a subclass
 * inherits the decorator. One that a factory makes for each request is refused at start when its token is the class; under
 * another token it is not found, and the topic has no listener.
 */
export const TransactionListener = createListenerDecorator<TransactionListenerOptions>('TransactionListener');
