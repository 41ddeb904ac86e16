import { createHash } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import type { Barrier } from '../barrier/index.js';
import { withCutBody, type IncomingMessage } from '../broker/index.js';
import { isDuplicateEntry, prepared, type DatabaseTransactions } from '../database/index.js';
import { Deadline } from '../deadline/index.js';
import { cutText } from '../errors/cut-text.js';
import type { FaultInjector } from '../faults/index.js';
import { reopenDeadLetter } from './dead-letter.actions.js';
import type { DeadLetterReason } from '../consumer/retry-policy.js';
import type { DeadLetterState } from './dead-letter.js';
import { DETAIL_LENGTH_MAX, storedProperties } from './dead-letter.row.js';
import type { OnDeadLetter } from './on-dead-letter.call.js';

export interface NewDeadLetter {
  readonly consumerGroup: string;
  readonly message: IncomingMessage;
  readonly deliveryAttempt: number;
  readonly reason: DeadLetterReason;
  readonly detail: string;
  /** Undefined when the message could not be read. */
  readonly contents?: { readonly txNo: string; readonly contentsHash: Buffer } | undefined;
  /** Called in the same transaction; `DROP` when the service knows that no dead letter is needed. */
  readonly onDeadLetter?: OnDeadLetter | undefined;
}

const STORE_TIMEOUT_MS = 10_000;

/** Stores dead letters in the service's own database. */
export class DeadLetterStore {
  constructor(
    private readonly transactions: DatabaseTransactions,
    private readonly barrier: Barrier,
    private readonly faults: FaultInjector,
    private readonly bodyBytesMax: number,
  ) {}

  /**
   * Stores it once, however often its message is delivered; a closed one is opened again. `DROPPED` when another delivery
   * of the same contents was consumed in the meantime, or `onDeadLetter` says so. A transaction of its own.
   * @throws errors of the database and of `onDeadLetter`; the message must not be acknowledged then
   */
  async store(letter: NewDeadLetter): Promise<'STORED' | 'DROPPED'> {
    const txNo = letter.contents?.txNo ?? letter.message.keys[0];
    await this.faults.at('dead-letter.before-store', { txNo });
    const result = await this.tryStore(letter, txNo).catch((error: unknown) => {
      // Another delivery inserted the row after it was looked for; this time it is found and locked.
      if (isDuplicateEntry(error)) return this.tryStore(letter, txNo);
      throw error;
    });
    await this.faults.at('dead-letter.stored', { txNo });
    return result;
  }

  private tryStore(letter: NewDeadLetter, txNo: string | undefined): Promise<'STORED' | 'DROPPED'> {
    const key = deduplicationKey(letter);
    return this.transactions.run<'STORED' | 'DROPPED'>(
      async ({ entityManager, dropConnection }) => {
        await this.faults.at('dead-letter.begun', { txNo, dropConnection });
        // The first lock, as in every transaction that changes a dead letter: a re-drive or dismissal of it has ended then.
        const known = await lockKnown(letter, key, entityManager);
        if (await this.isConsumed(letter, entityManager)) return { decision: 'ROLLBACK', value: 'DROPPED' };
        if ((await letter.onDeadLetter?.(letter.reason, entityManager)) === 'DROP') {
          return { decision: 'COMMIT', value: 'DROPPED' };
        }
        if (known === undefined)
          await entityManager.query(INSERT, parameters(letter, key, this.bodyBytesMax));
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
    { contents, consumerGroup }: NewDeadLetter,
    entityManager: EntityManager,
  ): Promise<boolean> {
    if (contents === undefined) return false;
    return this.barrier.isDone(entityManager, { ...contents, scope: consumerGroup });
  }
}

interface KnownRow {
  readonly id: string;
  readonly state: DeadLetterState;
}

async function lockKnown(
  { consumerGroup }: NewDeadLetter,
  key: Buffer,
  entityManager: EntityManager,
): Promise<KnownRow | undefined> {
  const [row] = await entityManager.query<KnownRow[]>(
    'SELECT id, state FROM dead_letter WHERE consumer_group = ? AND dedup_key = ? FOR UPDATE',
    [consumerGroup, key],
  );
  return row;
}

/** A repeated delivery refreshes the row's time, and opens a closed one, so that operators see it again. */
async function refresh(
  { id, state }: KnownRow,
  { reason, detail }: NewDeadLetter,
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

/** Long fields are cut, so that the insert cannot fail because of what somebody sent. */
function parameters(
  { message: whole, ...letter }: NewDeadLetter,
  key: Buffer,
  bodyBytesMax: number,
): unknown[] {
  const message = withCutBody(whole, bodyBytesMax);
  const { contents } = letter;
  return [
    letter.consumerGroup,
    cutText(message.topic, 127),
    contents?.txNo ?? null,
    cutText(message.messageId, 128),
    key,
    contents?.contentsHash ?? null,
    letter.reason,
    cutText(letter.detail, DETAIL_LENGTH_MAX),
    message.body,
    storedProperties(message),
    letter.deliveryAttempt,
  ];
}

/**
 * By txNo and contents where known, so that the same event sent twice is one dead letter. Else by message id and body: senders
 * may give one id to two messages, or none.
 */
function deduplicationKey({ message, contents }: NewDeadLetter): Buffer {
  const hash = createHash('sha256');
  if (contents === undefined) hash.update(`message\n${message.messageId}\n`).update(message.body);
  else hash.update(`contents\n${contents.txNo}\n`).update(contents.contentsHash);
  return hash.digest();
}
