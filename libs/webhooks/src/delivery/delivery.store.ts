import { randomUUID } from 'node:crypto';
import { DatabaseTransactions, Deadline } from 'txmsg';
import type { FaultInjector } from 'txmsg/faults';
import type { EntityManager } from 'typeorm';
import type { CallResult } from '../call/call-result.js';
import { FOREIGN_TEXT, foreignText } from '../foreign-text.js';
import type { SealedSecret, SecretStore } from '../secret/secret.store.js';
import type { Subscriber } from '../subscriber/subscriber.js';
import { selectSubscribers } from '../subscriber/subscriber.rows.js';
import type { WebhookClock } from '../webhook-clock.js';
import { dueSubscribers, giveUp, giveUpDue, lockDue, type DuePosition, type DueRow } from './due.rows.js';
import type { Verdict } from './ladder.js';

/** A delivery that a worker has claimed, with all that its call needs. */
export interface ClaimedDelivery {
  readonly id: string;
  /** Identifies this claim: a later claim of the same delivery has another, and this one records nothing any more. */
  readonly lease: string;
  readonly body: string;
  /** The calls before this one, since it was enqueued or re-driven. */
  readonly calls: number;
  /** When it was claimed: when its call begins. */
  readonly time: Date;
  readonly subscriber: Subscriber;
  readonly secrets: readonly SealedSecret[];
}

/** How many deliveries of each subscriber may be claimed now. */
export type Allotment = (subscriberIds: readonly string[]) => ReadonlyMap<string, number>;

/** What one round of claiming came to. */
export interface Claims {
  readonly claimed: readonly ClaimedDelivery[];
  /** Whether the round was not done with its subscribers: then the next one begins with the same, and need not wait. */
  readonly isUnfinished: boolean;
  /** Where the next subscribers begin, of whom more are due than one round looks at. */
  readonly end: DuePosition | undefined;
}

const STATEMENT_TIMEOUT_MS = 5000;
/** What a claim needs at its end: for the subscribers, their secrets, the leases and the COMMIT. */
const CLAIM_END_MS = STATEMENT_TIMEOUT_MS / 2;

/**
 * The rows of `webhook_delivery` and `webhook_call`, as workers use them. Indexes are forced because MySQL scans a table
 * that its statistics call small, and a scan locks every row.
 */
export class DeliveryStore {
  constructor(
    private readonly transactions: Pick<DatabaseTransactions, 'run'>,
    private readonly secrets: SecretStore,
    private readonly clock: WebhookClock,
    private readonly faults: FaultInjector,
    private readonly leaseMs: number,
  ) {}

  /**
   * Due deliveries, as many of each ACTIVE subscriber as `allot` says, for this worker alone until the lease ends. What
   * the other subscribers should hear is given up, whatever `allot` says, at most 500 deliveries in one round. A round
   * that takes long claims for some of the subscribers only, those who wait longest first.
   * @param after - where the round before ended; absent: those who wait longest
   */
  claim(allot: Allotment, after?: DuePosition): Promise<Claims> {
    let claimed: ClaimedDelivery[] = [];
    const deadline = Deadline.in(STATEMENT_TIMEOUT_MS);
    return this.transactions.run(
      async ({ entityManager }) => {
        const now = await this.clock.now(entityManager);
        const { active, inactive, end } = await dueSubscribers(entityManager, now, after);
        const isMoreToGiveUp = await giveUpDue(entityManager, inactive, now);
        const { rows, isCut } = await lockAllotted(entityManager, allot(active), now, deadline);
        claimed = await this.lease(entityManager, rows, now);
        return { decision: 'COMMIT', value: { claimed, isUnfinished: isMoreToGiveUp || isCut, end } };
      },
      {
        deadline,
        beforeCommit: async ({ dropConnection }) => {
          const txNos = claimed.map(({ id }) => id);
          const context = { txNos, dropConnection };
          if (txNos.length > 0) await this.faults.at('service:webhook.before-claim-commit', context);
        },
      },
    );
  }

  /**
   * A call and what follows from it, in one transaction that checks that the delivery is still this claim's. A delivery
   * that took longer than its lease is recorded all the same, unless it was claimed again.
   * @param verdictOn - is given the result as it is recorded: not every 410 is GONE
   * @returns false when it is not: then nothing is stored
   */
  record(
    claim: ClaimedDelivery,
    result: CallResult,
    verdictOn: (recorded: CallResult, now: Date) => Verdict,
  ): Promise<boolean> {
    return this.transactions.run(
      async ({ entityManager }) => {
        const number = await lockClaimed(entityManager, claim);
        if (number === undefined) return { decision: 'ROLLBACK', value: false };
        const now = await this.clock.now(entityManager);
        const recorded = await asRecorded(entityManager, claim, result);
        await insertCall(entityManager, claim, number, recorded);
        await conclude(entityManager, claim, verdictOn(recorded, now), now);
        if (recorded.outcome === 'GONE') await switchOff(entityManager, claim.subscriber.id, now);
        return { decision: 'COMMIT', value: true };
      },
      {
        deadline: Deadline.in(STATEMENT_TIMEOUT_MS),
        beforeCommit: ({ dropConnection }) =>
          this.faults.at('service:webhook.before-record-commit', { txNo: claim.id, dropConnection }),
      },
    );
  }

  /** No call was made: it is due as it was. */
  async giveBack({ id, lease }: ClaimedDelivery): Promise<void> {
    await this.transactions.run(
      async ({ entityManager }) => {
        await entityManager.query(
          'UPDATE webhook_delivery SET lease_owner = NULL, claim_at = due_at WHERE id = ? AND lease_owner = ?',
          [id, lease],
        );
        return { decision: 'COMMIT', value: undefined };
      },
      { deadline: Deadline.in(STATEMENT_TIMEOUT_MS) },
    );
  }

  private async lease(
    manager: EntityManager,
    rows: readonly DueRow[],
    now: Date,
  ): Promise<ClaimedDelivery[]> {
    if (rows.length === 0) return [];
    const ids = [...new Set(rows.map(({ subscriber_id }) => subscriber_id))];
    const found = await selectSubscribers(manager, `id IN (${ids.map(() => '?').join(', ')})`, ids);
    const subscribers = new Map(found.map((subscriber) => [subscriber.id, subscriber]));
    const secrets = await this.secrets.valid(manager, ids, now);
    const lease = randomUUID();
    const claimed: ClaimedDelivery[] = [];
    const dropped: string[] = [];
    for (const { id, subscriber_id, body, calls } of rows) {
      const subscriber = subscribers.get(subscriber_id);
      // It may have been switched off since its deliveries were found.
      if (subscriber?.state !== 'ACTIVE') dropped.push(id);
      else {
        const valid = secrets.get(subscriber_id) ?? [];
        claimed.push({ id, lease, body, calls, time: now, subscriber, secrets: valid });
      }
    }
    if (dropped.length > 0) await giveUp(manager, dropped, now);
    if (claimed.length > 0) {
      await manager.query(
        `UPDATE webhook_delivery SET lease_owner = ?, claim_at = ? WHERE id IN (${marks(claimed)})`,
        [lease, new Date(now.getTime() + this.leaseMs), ...claimed.map(({ id }) => id)],
      );
    }
    return claimed;
  }
}

/**
 * Locks what is allotted, with one statement for each subscriber, until only the time for the claim's end is left: so many
 * may be due that all of them never fit into one transaction, and a claim that passes its deadline is rolled back. At
 * least one subscriber is looked at, so that every round comes further.
 */
async function lockAllotted(
  manager: EntityManager,
  allotted: ReadonlyMap<string, number>,
  now: Date,
  deadline: Deadline,
): Promise<{ readonly rows: DueRow[]; readonly isCut: boolean }> {
  const rows: DueRow[] = [];
  let left = allotted.size;
  for (const [subscriberId, max] of allotted) {
    rows.push(...(await lockDue(manager, subscriberId, now, max)));
    left -= 1;
    if (deadline.remainingMs() <= CLAIM_END_MS) break;
  }
  return { rows, isCut: left > 0 };
}

/** The number of the call that is to be recorded; undefined when the delivery is not this claim's any more. */
async function lockClaimed(
  manager: EntityManager,
  { id, lease }: ClaimedDelivery,
): Promise<number | undefined> {
  const [row] = await manager.query<{ calls_total: number }[]>(
    "SELECT calls_total FROM webhook_delivery WHERE id = ? AND lease_owner = ? AND state = 'PENDING' FOR UPDATE",
    [id, lease],
  );
  return row === undefined ? undefined : row.calls_total + 1;
}

async function insertCall(
  manager: EntityManager,
  { id, time }: ClaimedDelivery,
  number: number,
  { durationMs, outcome, status, detail, answer }: CallResult,
): Promise<void> {
  await manager.query(
    `INSERT INTO webhook_call (delivery_id, number, call_time, duration_ms, outcome, status, detail, answer)
     VALUES (?, ?, ?, ?, ?, ?, ${FOREIGN_TEXT}, ?)`,
    [id, number, time, durationMs, outcome, status ?? null, foreignText(detail), answer],
  );
}

async function conclude(
  manager: EntityManager,
  { id }: ClaimedDelivery,
  verdict: Verdict,
  now: Date,
): Promise<void> {
  const counted = 'lease_owner = NULL, calls = calls + 1, calls_total = calls_total + 1';
  if (verdict.state === 'PENDING') {
    await manager.query(`UPDATE webhook_delivery SET ${counted}, due_at = ?, claim_at = ? WHERE id = ?`, [
      verdict.dueAt,
      verdict.dueAt,
      id,
    ]);
    return;
  }
  const reason = verdict.state === 'GIVEN_UP' ? verdict.reason : null;
  await manager.query(
    `UPDATE webhook_delivery SET ${counted}, state = ?, reason = ?, end_time = ? WHERE id = ?`,
    [verdict.state, reason, now, id],
  );
}

/** A 410 that does not speak for the subscriber as it is now is one refusal, as any other. */
async function asRecorded(
  manager: EntityManager,
  { subscriber }: ClaimedDelivery,
  result: CallResult,
): Promise<CallResult> {
  if (result.outcome !== 'GONE' || (await lockUnchanged(manager, subscriber))) return result;
  const detail = 'it answered 410, which counts as a refusal: the subscriber was changed during the call';
  return { ...result, outcome: 'REFUSED', detail };
}

/**
 * Whether the subscriber is still as it was called. It is not when it has another URL, or when it is ACTIVE and was
 * changed in any way: an operator may have switched it off and on again. When it is not ACTIVE, and has the same URL,
 * another call may have been answered 410 before this one.
 *
 * Locks the subscriber, so that nothing changes before it is switched off. No transaction locks a subscriber before a
 * delivery, so nobody waits in a circle.
 */
async function lockUnchanged(manager: EntityManager, called: Subscriber): Promise<boolean> {
  const [found] = await selectSubscribers(manager, 'id = ? FOR UPDATE', [called.id]);
  if (found?.url !== called.url) return false;
  return found.state !== 'ACTIVE' || found.updateTime.getTime() === called.updateTime.getTime();
}

async function switchOff(manager: EntityManager, subscriberId: string, now: Date): Promise<void> {
  await manager.query(
    `UPDATE webhook_subscriber SET state = 'OFF', state_reason = 'it answered 410', update_time = ?
     WHERE id = ? AND state = 'ACTIVE'`,
    [now, subscriberId],
  );
}

function marks(items: readonly unknown[]): string {
  return items.map(() => '?').join(', ');
}
