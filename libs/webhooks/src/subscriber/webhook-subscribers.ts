import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { DatabaseTransactions, Deadline, InvalidArgumentError, TX_NO_PATTERN } from 'txmsg';
import { isDuplicateEntry } from 'txmsg/building-blocks';
import type { EntityManager } from 'typeorm';
import { FOREIGN_TEXT, foreignText } from '../foreign-text.js';
import { SecretStore } from '../secret/secret.store.js';
import { requireSecret } from '../secret/secret-text.js';
import { WebhookClock } from '../webhook-clock.js';
import { SubscriberNameTakenError } from '../webhooks.errors.js';
import { WEBHOOKS_SETTINGS, type WebhooksSettings } from '../webhooks.options.js';
import type { NewSubscriber, Subscriber, SubscriberChanges, SubscriberContents } from './subscriber.js';
import { columnsOf, selectSubscribers } from './subscriber.rows.js';
import { requireContents, requireUrl } from './subscriber-rules.js';

const TIMEOUT_MS = 5000;
const OVERLAP_SECONDS_MAX = 30 * 86_400;
const PAGE_MAX = 100;

/**
 * Who is called, in transactions of its own. Each change concerns calls that are claimed after it.
 *
 * Not guaranteed: that a call which is being made at that moment already has the new address or secret. When it is answered
 * 410, the changed subscriber stays on, and the delivery is called again.
 */
@Injectable()
export class WebhookSubscribers {
  /** @internal Made by the module; inject it. */
  constructor(
    private readonly transactions: DatabaseTransactions,
    private readonly secrets: SecretStore,
    private readonly clock: WebhookClock,
    @Inject(WEBHOOKS_SETTINGS) private readonly settings: WebhooksSettings,
  ) {}

  /** @throws InvalidArgumentError, SubscriberNameTakenError; database errors */
  async create({ secret, ...given }: NewSubscriber): Promise<Subscriber> {
    const contents: SubscriberContents = {
      ...{ ladderSeconds: null, jitter: null, expectBody: null, allowPrivateAddresses: false },
      ...given,
    };
    requireContents(contents);
    this.requireAddress(contents);
    requireSecret(secret);
    const id = `sub_${randomUUID()}`;
    return this.write(async (manager, now) => {
      const columns = new Map([
        ...columnsOf(contents),
        ['id', id],
        ['create_time', now],
        ['update_time', now],
      ]);
      await insertNamed(manager, columns, contents.name);
      await this.secrets.add(manager, id, secret, now);
      return only(manager, id);
    });
  }

  /**
   * Switching it on again calls only what is due from then on: what was given up meanwhile is for `redrive`. What the
   * options allow no longer keeps nobody from switching it off, or from changing anything else, but from switching it on.
   * @returns undefined when there is none, or it is deleted
   * @throws InvalidArgumentError, SubscriberNameTakenError; database errors
   */
  async update(id: string, { state, ...contents }: SubscriberChanges): Promise<Subscriber | undefined> {
    return this.write(async (manager, now) => {
      const found = await locked(manager, id);
      if (found === undefined) return undefined;
      requireContents(contents);
      const isAddressGiven = contents.url !== undefined || contents.allowPrivateAddresses !== undefined;
      if (isAddressGiven || state === 'ACTIVE') this.requireAddress({ ...found, ...contents });
      const columns = new Map([...columnsOf(contents), ['update_time', now]]);
      if (state !== undefined) {
        columns.set('state', state);
        columns.set('state_reason', state === 'OFF' ? 'switched off by an operator' : null);
      }
      await updateNamed(manager, id, columns, contents.name ?? found.name);
      return only(manager, id);
    });
  }

  /**
   * From now on calls are signed with this secret, and with the one before until `previousValidSeconds` are over, so that
   * the receiver may change to it meanwhile. Any older one ends at once: two are valid at a time. Repeating the call with
   * the same secret changes nothing, so the one before ends when the first call said.
   * @param previousValidSeconds - 0 to 30 days
   * @returns undefined when there is none, or it is deleted
   * @throws InvalidArgumentError; database errors
   */
  async rotateSecret(
    id: string,
    secret: string,
    previousValidSeconds = 86_400,
  ): Promise<Subscriber | undefined> {
    requireSecret(secret);
    if (
      !Number.isInteger(previousValidSeconds) ||
      previousValidSeconds < 0 ||
      previousValidSeconds > OVERLAP_SECONDS_MAX
    ) {
      const rule = `it must be a whole number from 0 to ${OVERLAP_SECONDS_MAX}`;
      throw new InvalidArgumentError('previousValidSeconds', previousValidSeconds, rule);
    }
    return this.write(async (manager, now) => {
      if ((await locked(manager, id)) === undefined) return undefined;
      const until = new Date(now.getTime() + previousValidSeconds * 1000);
      if (await this.secrets.rotate(manager, id, secret, now, until)) {
        await manager.query('UPDATE webhook_subscriber SET update_time = ? WHERE id = ?', [now, id]);
      }
      return only(manager, id);
    });
  }

  /** What it has not been told yet is given up. Repeating it changes nothing. @returns false when there is none */
  async remove(id: string): Promise<boolean> {
    return this.write(async (manager, now) => {
      if ((await locked(manager, id)) === undefined) return false;
      await this.secrets.removeAll(manager, id);
      await manager.query(
        "UPDATE webhook_subscriber SET state = 'DELETED', state_reason = 'deleted', update_time = ? WHERE id = ?",
        [now, id],
      );
      return true;
    });
  }

  /** Also one that is deleted. */
  find(id: string): Promise<Subscriber | undefined> {
    return this.transactions.autocommit(TIMEOUT_MS, async (manager) => {
      const [found] = await selectSubscribers(manager, 'id = ?', [id]);
      return found;
    });
  }

  /** One page of those that are not deleted, in the order of their ids. @param after - the last id of the page before */
  list({ after = '', limit = 20 }: { readonly after?: string; readonly limit?: number } = {}): Promise<{
    readonly subscribers: readonly Subscriber[];
    readonly next: string | null;
  }> {
    const rows = Math.min(PAGE_MAX, Math.max(1, Math.trunc(limit)));
    return this.transactions.autocommit(TIMEOUT_MS, async (manager) => {
      const condition = `state <> 'DELETED' AND id > ? ORDER BY id LIMIT ${rows + 1}`;
      const found = await selectSubscribers(manager, condition, [after]);
      const subscribers = found.slice(0, rows);
      return { subscribers, next: found.length > rows ? (subscribers.at(-1)?.id ?? null) : null };
    });
  }

  /** By what the options allow now, which may be less than when it was stored. */
  private requireAddress({
    url,
    allowPrivateAddresses,
  }: Pick<SubscriberContents, 'url' | 'allowPrivateAddresses'>): void {
    if (allowPrivateAddresses && !this.settings.privateAddressesAllowed) {
      const rule =
        'it must be false: this service calls no private addresses (option privateAddressesAllowed)';
      throw new InvalidArgumentError('allowPrivateAddresses', allowPrivateAddresses, rule);
    }
    requireUrl(url, { allowHttp: this.settings.allowHttp, allowPrivateAddresses });
  }

  private write<T>(work: (manager: EntityManager, now: Date) => Promise<T>): Promise<T> {
    return this.transactions.run(
      async ({ entityManager }) => {
        const now = await this.clock.now(entityManager);
        return { decision: 'COMMIT', value: await work(entityManager, now) };
      },
      { deadline: Deadline.in(TIMEOUT_MS) },
    );
  }
}

async function locked(manager: EntityManager, id: string): Promise<Subscriber | undefined> {
  if (!TX_NO_PATTERN.test(id)) return undefined;
  const [found] = await selectSubscribers(manager, "id = ? AND state <> 'DELETED' FOR UPDATE", [id]);
  return found;
}

async function only(manager: EntityManager, id: string): Promise<Subscriber> {
  const [found] = await selectSubscribers(manager, 'id = ?', [id]);
  if (found === undefined) throw new Error(`Subscriber "${id}" is gone in the transaction that wrote it.`);
  return found;
}

function insertNamed(
  manager: EntityManager,
  columns: ReadonlyMap<string, unknown>,
  name: string,
): Promise<unknown> {
  const names = [...columns.keys()].join(', ');
  const marks = [...columns.values()].map(markOf).join(', ');
  return refusingTaken(name, () =>
    manager.query(`INSERT INTO webhook_subscriber (${names}) VALUES (${marks})`, parametersOf(columns)),
  );
}

function updateNamed(
  manager: EntityManager,
  id: string,
  columns: ReadonlyMap<string, unknown>,
  name: string,
): Promise<unknown> {
  const changes = [...columns].map(([column, value]) => `${column} = ${markOf(value)}`).join(', ');
  return refusingTaken(name, () =>
    manager.query(`UPDATE webhook_subscriber SET ${changes} WHERE id = ?`, [...parametersOf(columns), id]),
  );
}

function markOf(value: unknown): string {
  return typeof value === 'string' ? FOREIGN_TEXT : '?';
}

function parametersOf(columns: ReadonlyMap<string, unknown>): unknown[] {
  return [...columns.values()].map((value) => (typeof value === 'string' ? foreignText(value) : value));
}

async function refusingTaken(name: string, statement: () => Promise<unknown>): Promise<unknown> {
  try {
    return await statement();
  } catch (error) {
    throw isDuplicateEntry(error) ? new SubscriberNameTakenError(name) : error;
  }
}
