import { Injectable } from '@nestjs/common';
import { DatabaseTransactions, Deadline } from 'txmsg';
import type { EntityManager } from 'typeorm';
import type { CallOutcome } from '../call/call-result.js';
import { WebhookClock } from '../webhook-clock.js';
import { DeliveryWorker } from '../worker/delivery.worker.js';
import type {
  Delivery,
  DeliveryCall,
  DeliveryDetail,
  DeliveryPage,
  DeliveryQuery,
  DeliveryState,
} from './delivery.js';
import type { GivenUpReason } from './ladder.js';

/** `SUBSCRIBER_OFF`: it would be given up again at once; switch the subscriber on first. */
export type Redriven = 'REDRIVEN' | 'NOT_GIVEN_UP' | 'SUBSCRIBER_OFF' | 'NOT_FOUND';

interface Row {
  readonly id: string;
  readonly subscriber_id: string;
  readonly type: string;
  readonly body: string;
  readonly state: DeliveryState;
  readonly reason: GivenUpReason | null;
  readonly calls_total: number;
  readonly due_at: Date;
  readonly lease_owner: string | null;
  readonly create_time: Date;
  readonly end_time: Date | null;
}

interface CallRow {
  readonly number: number;
  readonly call_time: Date;
  readonly duration_ms: number;
  readonly outcome: CallOutcome;
  readonly status: number | null;
  readonly detail: string;
  readonly answer: Buffer | null;
}

const TIMEOUT_MS = 5000;
const PAGE_MAX = 100;
const COLUMNS =
  'id, subscriber_id, type, state, reason, calls_total, due_at, lease_owner, create_time, end_time';

/** What was enqueued, for operators and for whoever asks. */
@Injectable()
export class WebhookDeliveries {
  /** @internal Made by the module; inject it. */
  constructor(
    private readonly transactions: DatabaseTransactions,
    private readonly clock: WebhookClock,
    private readonly worker: DeliveryWorker,
  ) {}

  /** With its body and every call; undefined when there is none, or none any more. */
  find(id: string): Promise<DeliveryDetail | undefined> {
    return this.transactions.autocommit(TIMEOUT_MS, async (manager) => {
      const [row] = await manager.query<Row[]>(`SELECT ${COLUMNS}, body FROM webhook_delivery WHERE id = ?`, [
        id,
      ]);
      if (row === undefined) return undefined;
      const calls = await manager.query<CallRow[]>(
        `SELECT number, call_time, duration_ms, outcome, status, detail, answer
         FROM webhook_call WHERE delivery_id = ? ORDER BY number`,
        [id],
      );
      return { ...deliveryOf(row), body: row.body, log: calls.map(callOf) };
    });
  }

  /** One page, in the order of ids. */
  list({ subscriberId, state, after, limit = 20 }: DeliveryQuery = {}): Promise<DeliveryPage> {
    const rows = Math.min(PAGE_MAX, Math.max(1, Math.trunc(limit)));
    const filters = (
      [
        ['subscriber_id = ?', subscriberId],
        ['state = ?', state],
        ['id > ?', after],
      ] as const
    ).filter(([, value]) => value !== undefined);
    const where = filters.length === 0 ? '' : `WHERE ${filters.map(([sql]) => sql).join(' AND ')}`;
    return this.transactions.autocommit(TIMEOUT_MS, async (manager) => {
      const found = await manager.query<Row[]>(
        `SELECT ${COLUMNS} FROM webhook_delivery ${where} ORDER BY id LIMIT ${rows + 1}`,
        filters.map(([, value]) => value),
      );
      const deliveries = found.slice(0, rows).map(deliveryOf);
      return { deliveries, next: found.length > rows ? (deliveries.at(-1)?.id ?? null) : null };
    });
  }

  /** For an operator: what was given up begins its ladder anew, with the same id and body, and is called at once. */
  async redrive(id: string): Promise<Redriven> {
    const outcome = await this.transactions.run<Redriven>(
      async ({ entityManager }) => {
        const value = await this.reopen(entityManager, id);
        return { decision: value === 'REDRIVEN' ? 'COMMIT' : 'ROLLBACK', value };
      },
      { deadline: Deadline.in(TIMEOUT_MS) },
    );
    if (outcome === 'REDRIVEN') this.worker.wake();
    return outcome;
  }

  private async reopen(manager: EntityManager, id: string): Promise<Redriven> {
    const [row] = await manager.query<{ state: DeliveryState; subscriber: string | null }[]>(
      `SELECT d.state, (SELECT s.state FROM webhook_subscriber s WHERE s.id = d.subscriber_id) AS subscriber
       FROM webhook_delivery d WHERE d.id = ? FOR UPDATE OF d`,
      [id],
    );
    if (row === undefined) return 'NOT_FOUND';
    if (row.state !== 'GIVEN_UP') return 'NOT_GIVEN_UP';
    if (row.subscriber !== 'ACTIVE') return 'SUBSCRIBER_OFF';
    const now = await this.clock.now(manager);
    await manager.query(
      `UPDATE webhook_delivery SET state = 'PENDING', reason = NULL, calls = 0, due_at = ?, claim_at = ?, end_time = NULL
       WHERE id = ?`,
      [now, now, id],
    );
    return 'REDRIVEN';
  }
}

function deliveryOf(row: Row): Delivery {
  return {
    id: row.id,
    subscriberId: row.subscriber_id,
    type: row.type,
    state: row.state,
    reason: row.reason,
    calls: row.calls_total,
    dueAt: row.state === 'PENDING' ? row.due_at : null,
    isClaimed: row.lease_owner !== null,
    createTime: row.create_time,
    endTime: row.end_time,
  };
}

function callOf(row: CallRow): DeliveryCall {
  return {
    number: row.number,
    time: row.call_time,
    durationMs: row.duration_ms,
    outcome: row.outcome,
    status: row.status,
    detail: row.detail,
    answer: row.answer?.toString('utf8') ?? '',
  };
}
