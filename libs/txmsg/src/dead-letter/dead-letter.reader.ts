import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { DatabaseTransactions } from '../database/index.js';
import { Deadline } from '../deadline/index.js';
import type { DeadLetterReason } from '../consumer/retry-policy.js';
import type {
  DeadLetterHistoryEntry,
  DeadLetterState,
  DeadLetterSummary,
  StoredDeadLetter,
} from './dead-letter.js';
import { readProperties } from './dead-letter.row.js';

/** Which dead letters: those that meet every condition given here. */
export interface DeadLetterFilter {
  /** By its name at the broker. */
  readonly consumerGroup?: string | undefined;
  /** Exactly this one. */
  readonly txNo?: string | undefined;
  /** One of `DEAD_LETTER_REASONS`. */
  readonly reason?: DeadLetterReason | undefined;
  /** One of `DEAD_LETTER_STATES`. */
  readonly state?: DeadLetterState | undefined;
  /** Stored at this moment or later. */
  readonly since?: Date | undefined;
  /** Stored before this moment. */
  readonly until?: Date | undefined;
  /** The id of the last one of the previous page. */
  readonly after?: string | undefined;
}

const READ_TIMEOUT_MS = 10_000;
/** The newest entries: a message that is delivered and fails without end must not fill the memory. */
const HISTORY_MAX = 200;

const SUMMARY = `id, consumer_group AS consumerGroup, topic, tx_no AS txNo, message_id AS messageId, reason, detail,
  state, delivery_attempt AS deliveryAttempt, LENGTH(body) AS bodyBytes, create_time AS createTime,
  update_time AS updateTime`;

type SummaryRow = Omit<DeadLetterSummary, 'bodyBytes'> & { readonly bodyBytes: string | number };

/** Reads dead letters, each call in a transaction of its own. */
@Injectable()
export class DeadLetterReader {
  constructor(private readonly transactions: DatabaseTransactions) {}

  /** At most `size` of them, in the order in which they were stored. */
  async page(filter: DeadLetterFilter, size: number, timeoutMs?: number): Promise<DeadLetterSummary[]> {
    const conditions = conditionsOf(filter);
    const where = conditions.map(([condition]) => condition).join(' AND ') || 'TRUE';
    const rows = await this.read(
      (entityManager) =>
        entityManager.query<SummaryRow[]>(
          `SELECT ${SUMMARY} FROM dead_letter WHERE ${where} ORDER BY id LIMIT ${size}`,
          conditions.map(([, value]) => value),
        ),
      timeoutMs,
    );
    return rows.map(toSummary);
  }

  async find(id: string, timeoutMs?: number): Promise<StoredDeadLetter | undefined> {
    return this.read(async (entityManager) => {
      const [row] = await entityManager.query<(SummaryRow & { body: Buffer; properties: string | null })[]>(
        `SELECT ${SUMMARY}, body, properties FROM dead_letter WHERE id = CAST(? AS SIGNED)`,
        [id],
      );
      if (row === undefined) return undefined;
      const { body, properties, ...summary } = row;
      const { messageId, topic } = summary;
      return {
        ...toSummary(summary),
        message: { messageId, topic, body, ...readProperties(properties) },
        history: await history(entityManager, id),
      };
    }, timeoutMs);
  }

  /** The id of the newest action on it; '0' when there is none. */
  async lastActionId(id: string): Promise<string> {
    return this.read(async (entityManager) => {
      const [row] = await entityManager.query<{ id: string }[]>(
        'SELECT CAST(COALESCE(MAX(id), 0) AS CHAR) AS id FROM dead_letter_action WHERE dead_letter_id = CAST(? AS SIGNED)',
        [id],
      );
      return row?.id ?? '0';
    });
  }

  private read<T>(
    work: (entityManager: EntityManager) => Promise<T>,
    timeoutMs = READ_TIMEOUT_MS,
  ): Promise<T> {
    return this.transactions.run(
      async ({ entityManager }) => ({ decision: 'ROLLBACK', value: await work(entityManager) }),
      { deadline: Deadline.in(timeoutMs) },
    );
  }
}

async function history(entityManager: EntityManager, id: string): Promise<DeadLetterHistoryEntry[]> {
  const newestFirst = await entityManager.query<DeadLetterHistoryEntry[]>(
    `SELECT action, actor AS \`by\`, note, outcome, create_time AS time FROM dead_letter_action
     WHERE dead_letter_id = CAST(? AS SIGNED) ORDER BY id DESC LIMIT ${HISTORY_MAX}`,
    [id],
  );
  return newestFirst.reverse();
}

function conditionsOf(filter: DeadLetterFilter): [condition: string, value: unknown][] {
  const { consumerGroup, txNo, reason, state, since, until, after } = filter;
  const all: [string, unknown][] = [
    ['consumer_group = ?', consumerGroup],
    ['tx_no = ?', txNo],
    ['reason = ?', reason],
    ['state = ?', state],
    ['create_time >= ?', since],
    ['create_time < ?', until],
    ['id > CAST(? AS SIGNED)', after],
  ];
  return all.filter(([, value]) => value !== undefined);
}

/** LENGTH is a BIGINT, which arrives as text. */
function toSummary(row: SummaryRow): DeadLetterSummary {
  return { ...row, bodyBytes: Number(row.bodyBytes) };
}
