import { IDENTIFIER, valuesTable } from 'txmsg/building-blocks';
import type { EntityManager } from 'typeorm';
import type { SubscriberState } from '../subscriber/subscriber.js';

/** A delivery that is due, locked by the transaction that found it. */
export interface DueRow {
  readonly id: string;
  readonly subscriber_id: string;
  readonly body: string;
  readonly calls: number;
}

/** Where a page of due subscribers ends: since when its last one waits. */
export interface DuePosition {
  readonly since: Date;
  readonly subscriberId: string;
}

/** A page of the ids of subscribers with a delivery that is due; those whose deliveries wait longest come first. */
export interface DueSubscribers {
  readonly active: readonly string[];
  /** OFF or DELETED: what they should hear is given up. */
  readonly inactive: readonly string[];
  /** Where the next page begins; absent when this is the last one. */
  readonly end: DuePosition | undefined;
}

const BEGINNING: DuePosition = { since: new Date(0), subscriberId: '' };
const PAGE_SIZE = 2000;
/** Few enough that their locks are held for milliseconds. */
const GIVE_UP_BATCH_SIZE = 500;

/** The first entry of each subscriber in the index: however many are due, one is looked at. */
export async function dueSubscribers(
  manager: EntityManager,
  now: Date,
  after: DuePosition = BEGINNING,
): Promise<DueSubscribers> {
  const rows = await manager.query<{ subscriber_id: string; first: Date; state: SubscriberState | null }[]>(
    `SELECT due.subscriber_id, due.first, subscriber.state
     FROM (SELECT subscriber_id, MIN(claim_at) AS first FROM webhook_delivery FORCE INDEX (state_subscriber_claim_at)
           WHERE state = 'PENDING' GROUP BY state, subscriber_id
           HAVING first <= ? AND (first, subscriber_id) > (?, ?)
           ORDER BY first, subscriber_id LIMIT ${PAGE_SIZE}) AS due
     LEFT JOIN webhook_subscriber subscriber ON subscriber.id = due.subscriber_id
     ORDER BY due.first, due.subscriber_id`,
    [now, after.since, after.subscriberId],
  );
  const ids = (isActive: boolean): string[] =>
    rows.filter(({ state }) => (state === 'ACTIVE') === isActive).map(({ subscriber_id }) => subscriber_id);
  const last = rows[PAGE_SIZE - 1];
  const end = last && { since: last.first, subscriberId: last.subscriber_id };
  return { active: ids(true), inactive: ids(false), end };
}

/** Locks up to `max` due deliveries of one subscriber; those that others have locked are passed by. */
export function lockDue(
  manager: EntityManager,
  subscriberId: string,
  now: Date,
  max: number,
): Promise<DueRow[]> {
  return manager.query<DueRow[]>(
    `SELECT id, subscriber_id, body, calls FROM webhook_delivery FORCE INDEX (state_subscriber_claim_at)
     WHERE state = 'PENDING' AND subscriber_id = ? AND claim_at <= ?
     ORDER BY claim_at LIMIT ${max} FOR UPDATE SKIP LOCKED`,
    [subscriberId, now],
  );
}

/**
 * Gives up at most 500 due deliveries of these subscribers; those that others have locked are passed by.
 * @returns whether there may be more
 */
export async function giveUpDue(
  manager: EntityManager,
  subscriberIds: readonly string[],
  now: Date,
): Promise<boolean> {
  if (subscriberIds.length === 0) return false;
  const rows = await manager.query<{ id: string }[]>(
    `SELECT id FROM webhook_delivery FORCE INDEX (state_subscriber_claim_at)
     WHERE state = 'PENDING' AND subscriber_id IN (${subscriberIds.map(() => '?').join(', ')}) AND claim_at <= ?
     LIMIT ${GIVE_UP_BATCH_SIZE} FOR UPDATE SKIP LOCKED`,
    [...subscriberIds, now],
  );
  const ids = rows.map(({ id }) => id);
  if (ids.length > 0) await giveUp(manager, ids, now);
  return ids.length === GIVE_UP_BATCH_SIZE;
}

/** Because their subscribers are not ACTIVE. @param ids - never empty; of deliveries that this transaction has locked */
export async function giveUp(manager: EntityManager, ids: readonly string[], now: Date): Promise<void> {
  await manager.query(
    `UPDATE ${valuesTable('chosen', { id: IDENTIFIER }, ids.length)}
     STRAIGHT_JOIN webhook_delivery delivery FORCE INDEX (PRIMARY) USING (id)
     SET delivery.state = 'GIVEN_UP', delivery.reason = 'SUBSCRIBER_OFF', delivery.lease_owner = NULL,
       delivery.end_time = ?`,
    [...ids, now],
  );
}
