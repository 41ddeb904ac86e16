import { randomUUID } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import { prepared, type DatabaseTransactions } from '../database/index.js';
import { Deadline } from '../deadline/index.js';
import { CLAIM_INDEX } from './claim-index.check.js';

/** A row of `local_message` that a relay has claimed. */
export interface ClaimedMessage {
  readonly id: string;
  /** Identifies this claim; a later claim of the same row has another. */
  readonly lease: string;
  readonly topic: string;
  readonly txNo: string;
  readonly body: Buffer;
  /** What was stored with it for its trace; unchecked, and null without an SDK. */
  readonly properties: unknown;
  /** How often publishing it was tried, this time included. */
  readonly attempts: number;
  /** Since when consumers may know it, in ms since the epoch: its COMMIT. Undefined when it cannot have been sent before. */
  readonly firstSentAtMs: number | undefined;
}

/** A place in the order of first publication; `at` is a date, or the database's own text for one. */
export interface PublishedPosition {
  readonly at: Date | string;
  readonly id: string;
}

export interface ReopenedMessages {
  readonly count: number;
  readonly last: PublishedPosition;
}

interface Row {
  readonly id: string;
  readonly topic: string;
  readonly tx_no: string;
  readonly body: Buffer;
  readonly properties: unknown;
  /** As text where it is the sum of an INT and 1, which is a BIGINT. */
  readonly attempts: number | string;
  /** In ms since the epoch. */
  readonly created: number | string;
  /** 1 or 0. */
  readonly was_published: number | string;
}

const TIMES =
  'ROUND(1000 * UNIX_TIMESTAMP(create_time)) AS created, published_time IS NOT NULL AS was_published';

/** How long a row is left to the relay of the process that inserted it, and so the delay that a crash causes before that. */
const HAND_OVER_SECONDS = 10;
const HANDED_OVER_UNTIL = `UTC_TIMESTAMP(3) + INTERVAL ${HAND_OVER_SECONDS} SECOND`;
const INSERT =
  'INSERT INTO local_message (topic, tx_no, body, properties, lease_owner, attempts, next_attempt_at, lease_until, create_time) VALUES';
const NEW_ROW = {
  DUE: '(?, ?, ?, ?, ?, 0, UTC_TIMESTAMP(3), NULL, UTC_TIMESTAMP(3))',
  HANDED_OVER: `(?, ?, ?, ?, ?, 1, ${HANDED_OVER_UNTIL}, ${HANDED_OVER_UNTIL}, UTC_TIMESTAMP(3))`,
};

/** Each number of rows is a statement that every connection prepares: few enough for MySQL's `max_prepared_stmt_count`. */
const INSERTED_AT_ONCE = 32;

const STATEMENT_TIMEOUT_MS = 5000;
/** An operator calls this and waits. With a million pending rows the reading alone takes more than ten seconds. */
const REVOKE_TIMEOUT_MS = 60_000;
const REVOKED_AT_ONCE = 1000;
/** How long a claim lasts, and so the delay that a crash of a relay causes. */
const LEASE_SECONDS = 30;

/**
 * The rows of `local_message`. They are found by state and due time, never by "id greater than the last one":
 * transactions commit in another order than their ids were given. A claim moves the due time into the future, so the rows
 * of a crashed relay become due again by themselves.
 *
 * The indexes are forced: MySQL scans a table that its statistics call small, and a scan locks every row, not only the first
 * few.
 */
export class LocalMessageStore {
  /** The lease of rows that are handed over to this process; a row has it once at most, when it is inserted. */
  private readonly ownLease = randomUUID();
  private autoIncrementStep: bigint | undefined;
  /** Counts claims, so that the topics take turns at being first. */
  private claims = 0;

  constructor(
    private readonly transactions: Pick<DatabaseTransactions, 'run' | 'autocommit'>,
    private readonly retentionMs: number,
  ) {}

  /**
   * In the caller's transaction.
   * @param properties - of each of them, as JSON
   * @param to - `DUE`: for whichever relay comes first; `HANDED_OVER`: for a while only for `readHandedOver` of this store,
   *   which saves the claim
   * @returns the rows' ids, in the messages' order
   */
  async insertAll(
    entityManager: EntityManager,
    topic: string,
    messages: readonly { readonly txNo: string; readonly body: Buffer }[],
    to: keyof typeof NEW_ROW = 'DUE',
    properties: string | null = null,
  ): Promise<string[]> {
    const step = await this.stepOf(entityManager);
    const lease = to === 'HANDED_OVER' ? this.ownLease : null;
    const ids: string[] = [];
    for (let start = 0; start < messages.length; start += INSERTED_AT_ONCE) {
      const part = messages.slice(start, start + INSERTED_AT_ONCE);
      const { insertId } = await entityManager.query<{ insertId: number | string }>(
        prepared(`${INSERT} ${part.map(() => NEW_ROW[to]).join(', ')}`),
        part.flatMap(({ txNo, body }) => [topic, txNo, body, properties, lease]),
      );
      ids.push(...part.map((_message, index) => String(BigInt(insertId) + BigInt(index) * step)));
    }
    return ids;
  }

  /**
   * Those of the rows that are there: not when their transaction, or the part of it that inserted them, was rolled back, and
   * not when their time is over, or another relay has claimed them.
   */
  async readHandedOver(ids: readonly string[]): Promise<ClaimedMessage[]> {
    const rows = await this.transactions.autocommit(STATEMENT_TIMEOUT_MS, (entityManager) =>
      entityManager.query<Row[]>(
        `SELECT id, topic, tx_no, body, properties, attempts, ${TIMES} FROM local_message
         WHERE id IN (${ids.map(() => '?').join(', ')}) AND lease_owner = ? AND state = 'PENDING'
           AND lease_until > UTC_TIMESTAMP(3)`,
        [...ids, this.ownLease],
      ),
    );
    // Rolled back, mostly. But MySQL's step may be another one since it was read, which would delay all that are inserted.
    if (rows.length < ids.length) this.autoIncrementStep = undefined;
    return rows.map((row) => claimedBy(this.ownLease, row));
  }

  /** Up to `messagesMax` due rows of these topics, for this relay alone until the lease ends. */
  async claim(topics: readonly string[], messagesMax: number): Promise<ClaimedMessage[]> {
    if (topics.length === 0) return [];
    const lease = randomUUID();
    const first = this.claims++ % topics.length;
    const inTurn = [...topics.slice(first), ...topics.slice(0, first)];
    return this.run(async (entityManager) => {
      const rows = await dueRows(entityManager, inTurn, messagesMax);
      if (rows.length === 0) return [];
      await entityManager.query(
        `UPDATE local_message SET lease_owner = ?, attempts = attempts + 1,
           lease_until = UTC_TIMESTAMP(3) + INTERVAL ${LEASE_SECONDS} SECOND,
           next_attempt_at = UTC_TIMESTAMP(3) + INTERVAL ${LEASE_SECONDS} SECOND
         WHERE id IN (${rows.map(() => '?').join(', ')})`,
        [lease, ...rows.map(({ id }) => id)],
      );
      return rows.map((row) => claimedBy(lease, row));
    });
  }

  /**
   * Marks them as published, unless another relay has claimed them or `reopen` has made them due since: a relay that was frozen since it sent
   * them must not mark rows that are to be published once more. Keeps the time of the first publication.
   */
  async markPublished(messages: readonly ClaimedMessage[]): Promise<void> {
    for (const lease of new Set(messages.map((message) => message.lease))) {
      const ids = messages.filter((message) => message.lease === lease).map(({ id }) => id);
      await this.transactions.autocommit(STATEMENT_TIMEOUT_MS, (entityManager) =>
        entityManager.query(
          `UPDATE local_message SET state = 'PUBLISHED', lease_owner = NULL, lease_until = NULL,
             published_time = COALESCE(published_time, UTC_TIMESTAMP(3))
           WHERE id IN (${ids.map(() => '?').join(', ')}) AND lease_owner = ? AND state = 'PENDING'`,
          [...ids, lease],
        ),
      );
    }
  }

  /** Due again after `delayMs`, unless another relay has claimed it meanwhile. */
  async postpone({ id, lease }: ClaimedMessage, delayMs: number): Promise<void> {
    await this.run((entityManager) =>
      entityManager.query(
        `UPDATE local_message SET next_attempt_at = UTC_TIMESTAMP(3) + INTERVAL ? MICROSECOND, lease_owner = NULL,
           lease_until = NULL WHERE id = ? AND lease_owner = ? AND state = 'PENDING'`,
        [Math.round(delayMs) * 1000, id, lease],
      ),
    );
  }

  /**
   * Ends the claims of relays that are publishing now and makes their rows due: the broker may have lost what they sent, so
   * it must not be marked as published.
   */
  async revokeLeases(): Promise<void> {
    await this.run(async (entityManager) => {
      // There is no index of leases, so every pending row is read, which takes long and must not lock them.
      const rows = await entityManager.query<{ id: string }[]>(
        `SELECT id FROM local_message WHERE state = 'PENDING' AND lease_owner IS NOT NULL`,
      );
      for (let start = 0; start < rows.length; start += REVOKED_AT_ONCE) {
        const ids = rows.slice(start, start + REVOKED_AT_ONCE).map(({ id }) => id);
        await entityManager.query(
          `UPDATE local_message SET next_attempt_at = UTC_TIMESTAMP(3), lease_owner = NULL, lease_until = NULL
           WHERE id IN (${ids.map(() => '?').join(', ')}) AND state = 'PENDING' AND lease_owner IS NOT NULL`,
          ids,
        );
      }
    }, REVOKE_TIMEOUT_MS);
  }

  /**
   * Makes up to `messagesMax` rows that were first published after `after` due again. Rows older than the retention are left
   * out even when they are not deleted yet: the consumers' barrier rows may be gone, and they would be consumed twice.
   */
  async reopen(after: PublishedPosition, messagesMax: number): Promise<ReopenedMessages> {
    return this.run(async (entityManager) => {
      const rows = await entityManager.query<{ id: string; at: string }[]>(
        `SELECT id, CAST(published_time AS CHAR) AS at FROM local_message FORCE INDEX (state_published_time)
         WHERE state = 'PUBLISHED' AND published_time >= ? AND (published_time, id) > (?, ?)
           AND published_time >= UTC_TIMESTAMP(3) - INTERVAL ? MICROSECOND
         ORDER BY published_time, id LIMIT ${messagesMax} FOR UPDATE`,
        [after.at, after.at, after.id, this.retentionMs * 1000],
      );
      if (rows.length === 0) return { count: 0, last: after };
      await entityManager.query(
        `UPDATE local_message SET state = 'PENDING', next_attempt_at = UTC_TIMESTAMP(3), attempts = 0
         WHERE id IN (${rows.map(() => '?').join(', ')})`,
        rows.map(({ id }) => id),
      );
      return { count: rows.length, last: rows.at(-1) ?? after };
    });
  }

  /**
   * Between the ids of one INSERT, which are consecutive apart from that: the number of its rows is known beforehand
   * (MySQL manual, "AUTO_INCREMENT Handling in InnoDB", simple inserts).
   */
  private async stepOf(entityManager: EntityManager): Promise<bigint> {
    // Its value is kept, never the query under way: on a connection that is closed meanwhile, that gets no answer.
    if (this.autoIncrementStep === undefined) {
      const sql = 'SELECT @@auto_increment_increment AS step';
      const [row] = await entityManager.query<{ step: number | string }[]>(sql);
      this.autoIncrementStep = BigInt(row?.step ?? 1);
    }
    return this.autoIncrementStep;
  }

  private run<T>(
    work: (entityManager: EntityManager) => Promise<T>,
    timeoutMs = STATEMENT_TIMEOUT_MS,
  ): Promise<T> {
    return this.transactions.run(
      async ({ entityManager }) => ({ decision: 'COMMIT', value: await work(entityManager) }),
      { deadline: Deadline.in(timeoutMs) },
    );
  }
}

function claimedBy(lease: string, row: Row): ClaimedMessage {
  const { id, topic, tx_no: txNo, body, properties } = row;
  const attempts = Number(row.attempts);
  // An earlier try may have sent it, and ended before it could mark the row.
  const firstSentAtMs = attempts > 1 || Number(row.was_published) === 1 ? Number(row.created) : undefined;
  return { id, lease, topic, txNo, body, properties, attempts, firstSentAtMs };
}

/**
 * One topic after another: only with one topic does the index give the rows in the order of their due time, so that
 * as many are read, and locked, as are claimed. With several, all that are due would be read and sorted.
 */
async function dueRows(
  entityManager: EntityManager,
  topics: readonly string[],
  rowsMax: number,
): Promise<Row[]> {
  const rows: Row[] = [];
  for (const topic of topics) {
    if (rows.length === rowsMax) break;
    const due = await entityManager.query<Row[]>(
      `SELECT id, topic, tx_no, body, properties, attempts + 1 AS attempts, ${TIMES}
       FROM local_message FORCE INDEX (${CLAIM_INDEX})
       WHERE state = 'PENDING' AND topic = ? AND next_attempt_at <= UTC_TIMESTAMP(3)
       ORDER BY next_attempt_at LIMIT ${rowsMax - rows.length} FOR UPDATE SKIP LOCKED`,
      [topic],
    );
    rows.push(...due);
  }
  return rows;
}
