import { createHash } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import type { Barrier } from '../barrier/index.js';
import type { IncomingMessage } from '../broker/index.js';
import type { DatabaseTransactions } from '../database/index.js';
import { Deadline } from '../deadline/index.js';
import type { FaultInjector } from '../faults/index.js';

/** Why a message became a dead letter. */
export type DeadLetterReason = 'POISON' | 'TX_NO_CONFLICT' | 'HANDLER_FAILED' | 'EXPIRED';

export interface DeadLetter {
  readonly consumerGroup: string;
  readonly message: IncomingMessage;
  readonly deliveryAttempt: number;
  readonly reason: DeadLetterReason;
  readonly detail: string;
  /** Known unless the message could not be read. */
  readonly contents?: { readonly txNo: string; readonly contentsHash: Buffer } | undefined;
  /** What the service does in the same transaction; it may know that the contents were consumed after all. */
  readonly followUp?:
    ((reason: DeadLetterReason, entityManager: EntityManager) => Promise<'STORE' | 'DROP'>) | undefined;
}

const STORE_TIMEOUT_MS = 10_000;
/** MEDIUMBLOB; RocketMQ's own limit for a message is 4 MiB. */
const BODY_BYTES_MAX = 16_777_215;

/** Keeps the messages that cannot be consumed in the service's own database, where somebody will look. */
export class DeadLetterStore {
  constructor(
    private readonly transactions: DatabaseTransactions,
    private readonly barrier: Barrier,
    private readonly faults: FaultInjector,
  ) {}

  /**
   * Stores it once, however often it is delivered. `DROP` when another delivery of the same contents was consumed
   * in the meantime, or the service says so: then it is no dead letter.
   * @throws when the database is away; the message must not be acknowledged then
   */
  async store(letter: DeadLetter): Promise<'STORED' | 'DROP'> {
    const txNo = letter.contents?.txNo ?? letter.message.keys[0];
    await this.faults.at('dead-letter.before-store', { txNo });
    const result = await this.transactions.run<'STORED' | 'DROP'>(
      async ({ entityManager, dropConnection }) => {
        await this.faults.at('dead-letter.begun', { txNo, dropConnection });
        if (letter.contents !== undefined) {
          const { contents, consumerGroup } = letter;
          const done = await this.barrier.findDone(
            entityManager,
            consumerGroup,
            [contents.txNo],
            'FOR SHARE',
          );
          if (done.get(contents.txNo)?.equals(contents.contentsHash) === true) {
            return { decision: 'ROLLBACK', value: 'DROP' };
          }
        }
        if ((await letter.followUp?.(letter.reason, entityManager)) === 'DROP') {
          return { decision: 'COMMIT', value: 'DROP' };
        }
        await entityManager.query(INSERT, parameters(letter));
        return { decision: 'COMMIT', value: 'STORED' };
      },
      {
        deadline: Deadline.in(STORE_TIMEOUT_MS),
        beforeCommit: ({ dropConnection }) =>
          this.faults.at('dead-letter.before-commit', { txNo, dropConnection }),
      },
    );
    await this.faults.at('dead-letter.stored', { txNo });
    return result;
  }
}

/** A repeated delivery only refreshes the row's time. */
const INSERT = `
  INSERT INTO dead_letter (consumer_group, topic, tx_no, message_id, dedup_key, contents_hash, reason, detail,
    body, properties, delivery_attempt, state, create_time, update_time)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'OPEN', UTC_TIMESTAMP(3), UTC_TIMESTAMP(3))
  ON DUPLICATE KEY UPDATE update_time = VALUES(update_time)`;

/** Long fields are cut, so that the insert cannot fail because of what a stranger sent. */
function parameters(letter: DeadLetter): unknown[] {
  const { message, contents } = letter;
  return [
    letter.consumerGroup,
    cut(message.topic, 127),
    contents?.txNo ?? null,
    cut(message.messageId, 128),
    deduplicationKey(letter),
    contents?.contentsHash ?? null,
    letter.reason,
    cut(letter.detail, 2000),
    message.body.subarray(0, BODY_BYTES_MAX),
    JSON.stringify({ keys: message.keys, properties: message.properties }),
    letter.deliveryAttempt,
  ];
}

/** By txNo and contents where known, so that the same event sent twice is one dead letter; else by message id. */
function deduplicationKey({ message, contents }: DeadLetter): Buffer {
  const hash = createHash('sha256');
  if (contents === undefined) hash.update(`message\n${message.messageId}`);
  else hash.update(`contents\n${contents.txNo}\n`).update(contents.contentsHash);
  return hash.digest();
}

/** Cuts by characters, never through a surrogate pair. */
function cut(text: string, charactersMax: number): string {
  return text.length <= charactersMax ? text : Array.from(text).slice(0, charactersMax).join('');
}
