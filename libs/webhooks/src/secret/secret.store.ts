import { randomUUID } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import { SecretUnreadableError, type SecretBox } from './secret-box.js';

interface SecretRow {
  readonly subscriber_id: string;
  readonly id: string;
  readonly sealed: Buffer;
}

/** The secrets of subscribers: the newest, and the one before it until it expires. */
export class SecretStore {
  constructor(private readonly box: SecretBox) {}

  async add(manager: EntityManager, subscriberId: string, secret: string, now: Date): Promise<void> {
    const id = randomUUID();
    await manager.query(
      'INSERT INTO webhook_secret (subscriber_id, id, sealed, create_time) VALUES (?, ?, ?, ?)',
      [subscriberId, id, this.box.seal(secret, placeOf(subscriberId, id)), now],
    );
  }

  /**
   * The newest one from now on; the one before stays valid until `previousUntil`, and any older one ends. When it is the
   * newest already, nothing changes: whoever repeats a rotation would end the one before, which a receiver may still use.
   * @returns whether anything changed
   */
  async rotate(
    manager: EntityManager,
    subscriberId: string,
    secret: string,
    now: Date,
    previousUntil: Date,
  ): Promise<boolean> {
    if ((await this.newest(manager, subscriberId)) === secret) return false;
    await manager.query('DELETE FROM webhook_secret WHERE subscriber_id = ? AND expire_time IS NOT NULL', [
      subscriberId,
    ]);
    await manager.query('UPDATE webhook_secret SET expire_time = ? WHERE subscriber_id = ?', [
      previousUntil,
      subscriberId,
    ]);
    await this.add(manager, subscriberId, secret, now);
    return true;
  }

  async removeAll(manager: EntityManager, subscriberId: string): Promise<void> {
    await manager.query('DELETE FROM webhook_secret WHERE subscriber_id = ?', [subscriberId]);
  }

  /** Those that are valid at `now`, sealed, newest first. */
  async valid(
    manager: EntityManager,
    subscriberIds: readonly string[],
    now: Date,
  ): Promise<Map<string, SealedSecret[]>> {
    const found = new Map<string, SealedSecret[]>(subscriberIds.map((id) => [id, []]));
    if (subscriberIds.length === 0) return found;
    const rows = await manager.query<SecretRow[]>(
      `SELECT subscriber_id, id, sealed FROM webhook_secret
       WHERE subscriber_id IN (${subscriberIds.map(() => '?').join(', ')})
         AND (expire_time IS NULL OR expire_time > ?)
       ORDER BY expire_time IS NULL DESC, create_time DESC`,
      [...subscriberIds, now],
    );
    for (const { subscriber_id, id, sealed } of rows) {
      found.get(subscriber_id)?.push({ sealed, place: placeOf(subscriber_id, id) });
    }
    return found;
  }

  /** Undefined also when it cannot be opened: a new secret is what its subscriber needs then. */
  private async newest(manager: EntityManager, subscriberId: string): Promise<string | undefined> {
    const [row] = await manager.query<SecretRow[]>(
      'SELECT subscriber_id, id, sealed FROM webhook_secret WHERE subscriber_id = ? AND expire_time IS NULL',
      [subscriberId],
    );
    if (row === undefined) return undefined;
    try {
      return this.box.open(row.sealed, placeOf(subscriberId, row.id));
    } catch (error) {
      if (error instanceof SecretUnreadableError) return undefined;
      throw error;
    }
  }

  /** @throws SecretUnreadableError */
  open({ sealed, place }: SealedSecret): string {
    return this.box.open(sealed, place);
  }
}

export interface SealedSecret {
  readonly sealed: Buffer;
  readonly place: string;
}

function placeOf(subscriberId: string, secretId: string): string {
  return `subscriber "${subscriberId}", secret ${secretId}`;
}
