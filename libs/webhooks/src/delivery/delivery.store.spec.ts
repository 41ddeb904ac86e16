import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { DatabaseTransactions } from 'txmsg';
import { NoFaults } from 'txmsg/faults';
import type { EntityManager } from 'typeorm';
import { MovableClock } from '../../test/movable-clock.js';
import type { SecretStore } from '../secret/secret.store.js';
import { DeliveryStore } from './delivery.store.js';

const SUBSCRIBERS = 1000;
const STATEMENT_MS = 10;

/** The tables of subscribers with one due delivery each, at a database where every locking statement takes a while. */
class SlowDatabase {
  passedMs = 0;
  readonly due = new Set(Array.from({ length: SUBSCRIBERS }, (_, index) => `subscriber-${index}`));
  private readonly locked = new Set<string>();

  readonly transactions = {
    run: async (work, { deadline }) => {
      this.locked.clear();
      const entityManager = { query: this.query } as Partial<EntityManager> as EntityManager;
      const { value } = await work({ entityManager } as never);
      if (deadline.hasPassed()) throw new Error('The deadline has passed: the transaction was rolled back.');
      for (const id of this.locked) this.due.delete(id);
      return value;
    },
  } as Pick<DatabaseTransactions, 'run'>;

  private readonly query = ((sql: string, values: readonly string[] = []): Promise<unknown> => {
    if (sql.includes('SKIP LOCKED')) return Promise.resolve(this.lock(values[0] ?? ''));
    if (sql.includes('GROUP BY'))
      return Promise.resolve([...this.due].map((id) => ({ subscriber_id: id, state: 'ACTIVE' })));
    return Promise.resolve(values.map((id) => ({ id, state: 'ACTIVE' })));
  }) as EntityManager['query'];

  private lock(id: string): unknown[] {
    this.passedMs += STATEMENT_MS;
    this.locked.add(id);
    return [{ id: `of-${id}`, subscriber_id: id, body: '{}', calls: 0 }];
  }
}

describe('claiming for more subscribers than one transaction has time for', () => {
  let database: SlowDatabase;

  beforeEach(() => {
    database = new SlowDatabase();
    jest.spyOn(performance, 'now').mockImplementation(() => database.passedMs);
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });

  it('claims for some of them in each round, until it has been done for all', async () => {
    const secrets = { valid: () => Promise.resolve(new Map()) } as Partial<SecretStore> as SecretStore;
    const store = new DeliveryStore(database.transactions, secrets, new MovableClock(), new NoFaults(), 1000);
    const claimed: string[] = [];
    for (let isUnfinished = true; isUnfinished;) {
      const before = claimed.length;
      const round = await store.claim((due) => new Map(due.map((id) => [id, 1])));
      claimed.push(...round.claimed.map(({ id }) => id));
      expect(claimed.length).toBeGreaterThan(before);
      ({ isUnfinished } = round);
    }
    expect([claimed.length, new Set(claimed).size, database.due.size]).toEqual([SUBSCRIBERS, SUBSCRIBERS, 0]);
  });
});
