import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { DatabaseTransactions, InvalidArgumentError, TX_NO_PATTERN, TxNoConflictError } from 'txmsg';
import { FaultInjector } from 'txmsg/faults';
import type { EntityManager } from 'typeorm';
import { FOREIGN_TEXT, foreignText } from '../foreign-text.js';
import { EVENT_TYPE_PATTERN } from '../subscriber/subscriber-rules.js';
import { WebhookClock } from '../webhook-clock.js';
import { WEBHOOKS_SETTINGS, type WebhooksSettings } from '../webhooks.options.js';
import { DeliveryWorker } from '../worker/delivery.worker.js';

/** What subscribers are told. */
export interface WebhookEvent {
  /** 1 to 128 characters out of A-Z a-z 0-9 . _ -. */
  readonly type: string;
  /** When it happened. */
  readonly timestamp: Date;
  /** Whatever JSON can hold, as it is sent. */
  readonly data: object;
}

/** An event for one subscriber. */
export interface WebhookNotification extends WebhookEvent {
  /** The id of the subscriber. */
  readonly subscriber: string;
  /**
   * Identifies the delivery, 1 to 64 characters of A-Z a-z 0-9 . _ : -; also the header `webhook-id` of every call, by
   * which receivers know a repeated one.
   */
  readonly id: string;
}

/** `ENQUEUED`, or `EXISTS` when the same id was enqueued with the same contents before: then nothing changes. */
export type Enqueued = 'ENQUEUED' | 'EXISTS';

/**
 * How much one statement holds, about. In hexadecimal it is twice as much, and MySQL refuses what is larger than its
 * `max_allowed_packet`: 16 MiB at least.
 */
const INSERTED_BYTES_MAX = 1_048_576;
/** What a row has besides its body, about. */
const ROW_BYTES = 400;

interface Prepared {
  readonly id: string;
  readonly subscriberId: string;
  readonly type: string;
  readonly body: string;
  readonly hash: Buffer;
}

/**
 * Tells subscribers by HTTP what follows from a transaction: the transaction enqueues, and workers call, sign and repeat on
 * a ladder until an answer acknowledges or the ladder is over.
 *
 * Guaranteed: a delivery is made if and only if the transaction commits. Every call carries the same id and the same body.
 * Each call is recorded together with what follows from it, and the next one is due exactly when the ladder says, across
 * crashes and restarts, with any number of processes. A delivery ends ACKNOWLEDGED or GIVEN_UP; what was given up stays
 * until the retention ends, and may be re-driven.
 *
 * Not guaranteed: that a receiver is called once. A call whose answer was lost, or whose process crashed before recording,
 * is repeated: receivers go by `webhook-id`. Nor the order of deliveries, nor that anybody hears at all: who has not heard
 * must be able to ask.
 */
@Injectable()
export class Webhooks {
  /** @internal Made by the module; inject it. */
  constructor(
    private readonly transactions: DatabaseTransactions,
    private readonly clock: WebhookClock,
    private readonly worker: DeliveryWorker,
    private readonly faults: FaultInjector,
    @Inject(WEBHOOKS_SETTINGS) private readonly settings: WebhooksSettings,
  ) {}

  /**
   * One delivery, in the transaction of `entityManager`; its first call is made after the COMMIT, and never if it is rolled
   * back.
   *
   * @example
   * ```ts
   * await webhooks.enqueue(entityManager, { subscriber, id: `done-${txNo}`, type: 'work.done', timestamp: new Date(), data });
   * // Not `this.repository`: what is written beside entityManager stays when the transaction is rolled back.
   * ```
   * @throws InvalidArgumentError - also when `entityManager` is in no transaction, there is no such subscriber, or the body
   *   is larger than the option `bodyBytesMax`
   * @throws TxNoConflictError when the id was enqueued with other contents
   */
  async enqueue(
    entityManager: EntityManager,
    { subscriber, id, ...event }: WebhookNotification,
  ): Promise<Enqueued> {
    requireTransaction(entityManager);
    if (!TX_NO_PATTERN.test(id))
      throw new InvalidArgumentError('id', id, `it must match ${TX_NO_PATTERN.source}`);
    await requireSubscriber(entityManager, subscriber);
    const body = this.bodyOf(event);
    const prepared = prepare(id, subscriber, event.type, body);
    // Without a lock: a worker may have it, and what is enqueued again need not wait for that.
    const first = await hashOf(entityManager, id);
    if (first === undefined) await this.insert(entityManager, [prepared]);
    // Read again: another transaction may have enqueued the id meanwhile.
    const stored = first ?? (await hashOf(entityManager, id));
    if (stored?.equals(prepared.hash) === true) return first === undefined ? 'ENQUEUED' : 'EXISTS';
    throw new TxNoConflictError(id, 'webhook_delivery');
  }

  /**
   * One delivery for every subscriber that hears of the event's type, in the transaction of `entityManager`. Their ids
   * follow from `key` and the subscriber, so that a repeated call adds only what is missing.
   * @param key - identifies the event among those of its type, 1 to 128 characters
   * @returns how many subscribers hear of it
   * @throws InvalidArgumentError as `enqueue` does
   */
  async enqueueForAll(
    entityManager: EntityManager,
    { key, ...event }: WebhookEvent & { readonly key: string },
  ): Promise<number> {
    requireTransaction(entityManager);
    if (key.length < 1 || key.length > 128)
      throw new InvalidArgumentError('key', key, 'it must have 1 to 128 characters');
    const body = this.bodyOf(event);
    const subscribers = await entityManager.query<{ id: string }[]>(
      "SELECT id FROM webhook_subscriber WHERE state <> 'DELETED' AND ? MEMBER OF(events) ORDER BY id",
      [event.type],
    );
    const prepared = subscribers.map(({ id }) =>
      prepare(deliveryId(event.type, key, id), id, event.type, body),
    );
    if (prepared.length > 0) await this.insert(entityManager, prepared);
    return prepared.length;
  }

  private bodyOf({ type, timestamp, data }: WebhookEvent): string {
    if (!EVENT_TYPE_PATTERN.test(type))
      throw new InvalidArgumentError('type', type, `it must match ${EVENT_TYPE_PATTERN.source}`);
    if (Number.isNaN(timestamp.getTime()))
      throw new InvalidArgumentError('timestamp', timestamp, 'it must be a valid Date');
    const body = JSON.stringify({ type, timestamp: timestamp.toISOString(), data });
    const { bodyBytesMax } = this.settings;
    const bytes = Buffer.byteLength(body);
    if (bytes <= bodyBytesMax) return body;
    throw new InvalidArgumentError(
      'data',
      `${body.slice(0, 50)}…`,
      `its body has ${bytes} bytes, and may have ${bodyBytesMax} (option bodyBytesMax)`,
    );
  }

  /**
   * In the order of ids, so that two transactions with the same ids never wait for each other in a circle; in as many
   * statements as it takes, since each row has the whole body.
   */
  private async insert(manager: EntityManager, unsorted: readonly Prepared[]): Promise<void> {
    const deliveries = [...unsorted].sort((one, other) => (one.id < other.id ? -1 : 1));
    const now = await this.clock.now(manager);
    for (const part of inParts(deliveries)) await insertPart(manager, part, now);
    this.transactions.onEnd(manager, () => {
      this.worker.wake();
    });
    for (const { id } of deliveries) await this.faults.at('service:webhook.enqueued', { txNo: id });
  }
}

function prepare(id: string, subscriberId: string, type: string, body: string): Prepared {
  const hash = createHash('sha256').update(`${subscriberId}\n${body}`).digest();
  return { id, subscriberId, type, body, hash };
}

function inParts(deliveries: readonly Prepared[]): Prepared[][] {
  const parts: Prepared[][] = [];
  let free = 0;
  for (const delivery of deliveries) {
    const bytes = ROW_BYTES + Buffer.byteLength(delivery.body);
    const last = parts.at(-1);
    if (last !== undefined && bytes <= free) last.push(delivery);
    else {
      parts.push([delivery]);
      free = INSERTED_BYTES_MAX;
    }
    free -= bytes;
  }
  return parts;
}

async function insertPart(manager: EntityManager, part: readonly Prepared[], now: Date): Promise<void> {
  await manager.query(
    `INSERT INTO webhook_delivery (id, subscriber_id, type, body, contents_hash, due_at, claim_at, create_time)
     VALUES ${part.map(() => `(?, ?, ?, ${FOREIGN_TEXT}, ?, ?, ?, ?)`).join(', ')}
     ON DUPLICATE KEY UPDATE id = webhook_delivery.id`,
    part.flatMap(({ id, subscriberId, type, body, hash }) => [
      ...[id, subscriberId, type, foreignText(body), hash],
      ...[now, now, now],
    ]),
  );
}

/** Nobody can read anything out of it, and the same event for the same subscriber has the same one. */
function deliveryId(type: string, key: string, subscriberId: string): string {
  const hash = createHash('sha256')
    .update(JSON.stringify([type, key, subscriberId]))
    .digest('base64url');
  return `msg_${hash}`;
}

function requireTransaction(manager: EntityManager): void {
  if (manager.queryRunner?.isTransactionActive === true) return;
  throw new InvalidArgumentError('entityManager', undefined, 'it must be the one of a running transaction');
}

async function requireSubscriber(manager: EntityManager, id: string): Promise<void> {
  const isOne = TX_NO_PATTERN.test(id) && (await isSubscriber(manager, id));
  if (!isOne) throw new InvalidArgumentError('subscriber', id, 'it must be the id of a subscriber');
}

async function isSubscriber(manager: EntityManager, id: string): Promise<boolean> {
  const found = await manager.query<unknown[]>(
    "SELECT 1 FROM webhook_subscriber WHERE id = ? AND state <> 'DELETED'",
    [id],
  );
  return found.length > 0;
}

async function hashOf(manager: EntityManager, id: string): Promise<Buffer | undefined> {
  const [row] = await manager.query<{ contents_hash: Buffer }[]>(
    'SELECT contents_hash FROM webhook_delivery WHERE id = ?',
    [id],
  );
  return row?.contents_hash;
}
