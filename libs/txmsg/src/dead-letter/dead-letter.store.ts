import { createHash } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import type { Barrier } from '../barrier/index.js';
import { withCutBody, type IncomingMessage } from '../broker/index.js';
import { isDuplicateEntry, prepared, type DatabaseTransactions } from '../database/index.js';
import { Deadline } from '../deadline/index.js';
import { cutText } from '../errors/cut-text.js';
import type { FaultInjector } from '../faults/index.js';
import { reopenDeadLetter } from './dead-letter.actions.js';
import {
  DETAIL_LENGTH_MAX,
  storedProperties,
  type DeadLetterReason,
  type DeadLetterState,
} from './dead-letter.row.js';

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

/** Keeps the messages that cannot be consumed in the service's own database, where somebody will look. */
export class DeadLetterStore {
  constructor(
    private readonly transactions: DatabaseTransactions,
    private readonly barrier: Barrier,
    private readonly faults: FaultInjector,
    private readonly bodyBytesMax: number,
  ) {}

  /**
   * Stores it once, however often it is delivered; one that somebody has closed is opened again. `DROP` when another
   * delivery of the same contents was consumed in the meantime, or the service says so: then it is no dead letter.
   * @throws when the database is away; the message must not be acknowledged then
   */
  async store(letter: DeadLetter): Promise<'STORED' | 'DROP'> {
    const txNo = letter.contents?.txNo ?? letter.message.keys[0];
    await this.faults.at('dead-letter.before-store', { txNo });
    const result = await this.tryStore(letter, txNo).catch((error: unknown) => {
      // Another delivery stored it a moment ago: now there is a row to lock.
      if (isDuplicateEntry(error)) return this.tryStore(letter, txNo);
      throw error;
    });
    await this.faults.at('dead-letter.stored', { txNo });
    return result;
  }

  private tryStore(letter: DeadLetter, txNo: string | undefined): Promise<'STORED' | 'DROP'> {
    return this.transactions.run<'STORED' | 'DROP'>(
      async ({ entityManager, dropConnection }) => {
        await this.faults.at('dead-letter.begun', { txNo, dropConnection });
        // First of all, as everywhere where dead letters change: whoever re-drives or dismisses it has ended then.
        const known = await lockKnown(letter, entityManager);
        if (await this.isConsumed(letter, entityManager)) return { decision: 'ROLLBACK', value: 'DROP' };
        if ((await letter.followUp?.(letter.reason, entityManager)) === 'DROP') {
          return { decision: 'COMMIT', value: 'DROP' };
        }
        if (known === undefined) await entityManager.query(INSERT, parameters(letter, this.bodyBytesMax));
        else await refresh(known, letter, entityManager);
        return { decision: 'COMMIT', value: 'STORED' };
      },
      {
        deadline: Deadline.in(STORE_TIMEOUT_MS),
        txNos: txNo === undefined ? [] : [txNo],
        beforeCommit: ({ dropConnection }) =>
          this.faults.at('dead-letter.before-commit', { txNo, dropConnection }),
      },
    );
  }

  private async isConsumed(
    { contents, consumerGroup }: DeadLetter,
    entityManager: EntityManager,
  ): Promise<boolean> {
    if (contents === undefined) return false;
    const { txNo, contentsHash } = contents;
    const done = await this.barrier.findDone(entityManager, consumerGroup, [txNo], 'FOR SHARE');
    return done.get(txNo)?.equals(contentsHash) === true;
  }
}

interface KnownRow {
  readonly id: string;
  readonly state: DeadLetterState;
}

async function lockKnown(letter: DeadLetter, entityManager: EntityManager): Promise<KnownRow | undefined> {
  const [row] = await entityManager.query<KnownRow[]>(
    'SELECT id, state FROM dead_letter WHERE consumer_group = ? AND dedup_key = ? FOR UPDATE',
    [letter.consumerGroup, deduplicationKey(letter)],
  );
  return row;
}

/** A repeated delivery refreshes the row's time; it must also be seen again by whoever looks for open ones. */
async function refresh(
  { id, state }: KnownRow,
  { reason, detail }: DeadLetter,
  entityManager: EntityManager,
): Promise<void> {
  if (state === 'OPEN') {
    await entityManager.query('UPDATE dead_letter SET update_time = UTC_TIMESTAMP(3) WHERE id = ?', [id]);
    return;
  }
  await reopenDeadLetter(entityManager, id, { reason, detail });
}

const INSERT = prepared(`
  INSERT INTO dead_letter (consumer_group, topic, tx_no, message_id, dedup_key, contents_hash, reason, detail,
    body, properties, delivery_attempt, state, create_time, update_time)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'OPEN', UTC_TIMESTAMP(3), UTC_TIMESTAMP(3))`);

/** Long fields are cut, so that the insert cannot fail because of what a stranger sent. */
function parameters({ message: whole, ...letter }: DeadLetter, bodyBytesMax: number): unknown[] {
  const message = withCutBody(whole, bodyBytesMax);
  const { contents } = letter;
  return [
    letter.consumerGroup,
    cutText(message.topic, 127),
    contents?.txNo ?? null,
    cutText(message.messageId, 128),
    deduplicationKey({ message, ...letter }),
    contents?.contentsHash ?? null,
    letter.reason,
    cutText(letter.detail, DETAIL_LENGTH_MAX),
    message.body,
    storedProperties(message),
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
