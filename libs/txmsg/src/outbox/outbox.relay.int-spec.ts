import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { createTopic, openTransport } from '../../test/library-application.js';
import { createLibraryDatabase, openDataSource } from '../../test/library-database.js';
import { BrokerClients } from '../broker/index.js';
import { DatabaseTransactions } from '../database/index.js';
import { Deadline } from '../deadline/index.js';
import { DeploymentNames } from '../options/deployment-names.js';
import { FaultInjector, type FaultContext, type FaultPoint } from '../faults/index.js';
import { Telemetry } from '../telemetry/index.js';
import { eventually } from '../testing/index.js';
import { DEFAULT_MESSAGE_LIMITS } from '../limits/index.js';
import { LocalMessageOutbox } from './local-message-outbox.js';
import { LocalMessageStore } from './local-message.store.js';
import { OutboxRelay } from './outbox.relay.js';

const names = await createTopic('relay', 'NORMAL');
/** Longer than any test: what is published then, was published because of a wake-up. */
const NEVER_MS = 86_400_000;

/** Runs what a test hangs on a fault point, at every pass. */
class Hooks extends FaultInjector {
  readonly hooks = new Map<FaultPoint, (txNo: string) => Promise<void>>();
  readonly passed: string[] = [];

  async at(point: FaultPoint, { txNo = '' }: FaultContext): Promise<void> {
    this.passed.push(`${point} ${txNo}`);
    await this.hooks.get(point)?.(txNo);
  }

  times(point: FaultPoint, txNo: string): number {
    return this.passed.filter((it) => it === `${point} ${txNo}`).length;
  }
}

describe('OutboxRelay on real servers', () => {
  let direct: DataSource;
  let transactions: DatabaseTransactions;
  let hooks: Hooks;
  let relay: OutboxRelay;
  let outbox: LocalMessageOutbox;
  /** The txNo of each send that failed, as one may on a busy machine; a failure by a hook is none. */
  let failedSends: string[];

  /** A relay that is connected, has found nothing, and sleeps. */
  const start = async (scanIntervalMs: number): Promise<void> => {
    const transport = await openTransport();
    const clients = new BrokerClients(transport, new Telemetry());
    const producer = clients.producer(names.topic);
    const send = producer.send.bind(producer);
    failedSends = [];
    jest.spyOn(clients, 'producer').mockReturnValue(producer);
    jest.spyOn(producer, 'send').mockImplementation(async (message, timeoutMs) => {
      try {
        return await send(message, timeoutMs);
      } catch (error) {
        failedSends.push(message.key);
        throw error;
      }
    });
    const store = new LocalMessageStore(transactions, 7 * 86_400_000);
    hooks = new Hooks();
    relay = new OutboxRelay([names.topic], store, clients, hooks, { scanIntervalMs });
    outbox = new LocalMessageOutbox(store, relay, transactions, hooks, {
      messageLimits: DEFAULT_MESSAGE_LIMITS,
      names: new DeploymentNames(),
      outbox: { topics: [names.topic], gatherMs: 0 },
    });
    relay.start();
    await eventually(() => clients.notReady().length === 0);
  };
  /** In a transaction of the library, whose end is what wakes the relay. */
  const publish = (txNo: string): Promise<void> =>
    transactions.run(
      async ({ entityManager }) => {
        await outbox.publish(entityManager, names.topic, { txNo }, { txNo });
        return { decision: 'COMMIT', value: undefined };
      },
      { deadline: Deadline.in(10_000) },
    );
  /** Due now, and no relay was woken for it. */
  const insert = (txNo: string, attempts = 0): Promise<unknown> =>
    direct.query(
      `INSERT INTO local_message (topic, tx_no, body, attempts, next_attempt_at)
       VALUES (?, ?, '{}', ?, UTC_TIMESTAMP(3))`,
      [names.topic, txNo, attempts],
    );
  const row = async (txNo: string): Promise<{ state: string; attempts: number; lease: string | null }> => {
    const [found] = await direct.query<{ state: string; attempts: number; lease: string | null }[]>(
      'SELECT state, attempts, lease_owner AS lease FROM local_message WHERE tx_no = ?',
      [txNo],
    );
    if (found === undefined) throw new Error(`there is no row of ${txNo}`);
    return found;
  };
  /** After a failed send the row is due again a moment later, and no scan would come to it. */
  const wakeAfterFailedSend = (txNo: string): void => {
    if (failedSends.includes(txNo)) relay.wake();
  };
  const untilPublished = (txNo: string): Promise<unknown> =>
    eventually(async () => {
      wakeAfterFailedSend(txNo);
      return (await row(txNo)).state === 'PUBLISHED';
    });
  const failedSendsOf = (txNo: string): number => failedSends.filter((failed) => failed === txNo).length;
  const now = async (): Promise<string> =>
    (await direct.query<{ now: string }[]>('SELECT CAST(UTC_TIMESTAMP(3) AS CHAR) AS now'))[0]?.now ?? '';

  beforeAll(async () => {
    direct = await openDataSource(await createLibraryDatabase('relay'));
    transactions = new DatabaseTransactions(direct);
  });
  afterAll(() => direct.destroy());
  beforeEach(async () => {
    await direct.query('DELETE FROM local_message');
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    hooks.hooks.clear();
    await relay.stop(10_000);
  });

  describe('that nothing but a wake-up lets look', () => {
    beforeEach(() => start(NEVER_MS));

    it('publishes a message as soon as its transaction has committed', async () => {
      const txNo = randomUUID();
      await publish(txNo);
      await untilPublished(txNo);
      expect(await row(txNo)).toMatchObject({ attempts: 1 + failedSendsOf(txNo), lease: null });
    });

    it('does not publish what was rolled back to a savepoint in a transaction that committed', async () => {
      const [undone, kept] = [randomUUID(), randomUUID()];
      await transactions.run(
        async ({ entityManager }) => {
          const inner = entityManager.transaction(async (nested) => {
            await outbox.publish(nested, names.topic, { txNo: undone }, { txNo: undone });
            throw new Error('undone');
          });
          await inner.catch(() => undefined);
          await outbox.publish(entityManager, names.topic, { txNo: kept }, { txNo: kept });
          return { decision: 'COMMIT', value: undefined };
        },
        { deadline: Deadline.in(10_000) },
      );
      await untilPublished(kept);
      expect(hooks.times('outbox.stored', undone)).toBe(1);
      expect(hooks.times('outbox.claimed', undone)).toBe(0);
    });

    it('does not publish what its transaction rolled back', async () => {
      const [undone, kept] = [randomUUID(), randomUUID()];
      await transactions.run(
        async ({ entityManager }) => {
          await outbox.publish(entityManager, names.topic, { txNo: undone }, { txNo: undone });
          return { decision: 'ROLLBACK', value: undefined };
        },
        { deadline: Deadline.in(10_000) },
      );
      await publish(kept);
      await untilPublished(kept);
      expect(hooks.times('outbox.claimed', undone)).toBe(0);
    });

    it('keeps what was handed over while the database does not answer', async () => {
      const txNo = randomUUID();
      jest.spyOn(LocalMessageStore.prototype, 'readHandedOver').mockRejectedValueOnce(new Error('no answer'));
      const warned = jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
      await publish(txNo);
      await eventually(() => warned.mock.calls.length > 0);
      relay.handOver([]);
      await untilPublished(txNo);
    });

    it('finishes what was handed over when it is stopped', async () => {
      // A database that is late on a busy machine ends a round.
      jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => {
        relay.handOver([]);
      });
      const txNos = Array.from({ length: 100 }, () => randomUUID());
      await Promise.all(txNos.map((txNo) => publish(txNo)));
      await relay.stop(20_000);
      const states = await Promise.all(txNos.map(async (txNo) => (await row(txNo)).state));
      expect(new Set(states)).toEqual(new Set(['PUBLISHED']));
    });

    it('does not lose a wake-up that comes while it looks', async () => {
      const [failing, late] = [randomUUID(), randomUUID()];
      hooks.hooks.set('outbox.before-publish', async () => {
        hooks.hooks.clear();
        await publish(late);
        throw new Error('nothing of this batch goes out, so it would not look again by itself');
      });
      await publish(failing);
      await untilPublished(late);
    });

    it('takes a bounded number of rows at once, and goes on until none is due', async () => {
      const txNos = Array.from({ length: 100 }, () => randomUUID());
      await Promise.all(txNos.map((txNo) => insert(txNo)));
      const claimed = new Set<string>();
      const batches: number[] = [];
      let isInBatch = false;
      // All of a batch pass in one turn of the event loop, and no two batches do.
      hooks.hooks.set('outbox.claimed', (txNo) => {
        if (!isInBatch) {
          isInBatch = true;
          batches.push(0);
          setImmediate(() => (isInBatch = false));
        }
        batches.push((batches.pop() ?? 0) + 1);
        claimed.add(txNo);
        return Promise.resolve();
      });
      // A database or broker that is late on a busy machine lets it sleep, and fewer than all of a batch be published.
      jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => {
        relay.wake();
      });
      relay.wake();
      await eventually(() => Promise.resolve(claimed.size === txNos.length));
      expect(batches[0]).toBe(32);
      expect(Math.max(...batches)).toBe(32);
    });

    it('publishes once more what it had sent but not marked when a broker lost its store', async () => {
      const txNo = randomUUID();
      const since = new Date(Date.now() - 60_000);
      hooks.hooks.set('outbox.published', async () => {
        hooks.hooks.clear();
        await outbox.republishSince(since);
      });
      await publish(txNo);
      await eventually(() => {
        wakeAfterFailedSend(txNo);
        return hooks.times('outbox.published', txNo) === 2;
      });
      await untilPublished(txNo);
    });

    it.each([
      [0, 500],
      [1, 1000],
      [4, 8000],
      [6, 30_000],
      [100, 30_000],
    ])('backs off after a failure that follows %i others: due again after %i ms', async (before, delayMs) => {
      const failing = randomUUID();
      hooks.hooks.set('outbox.before-publish', () => Promise.reject(new Error('refused')));
      await insert(failing, before);
      const begun = await now();
      relay.wake();
      await eventually(async () => {
        const { attempts, lease } = await row(failing);
        return attempts > before && lease === null;
      });
      expect(await row(failing)).toEqual({ state: 'PENDING', attempts: before + 1, lease: null });
      // Exact, however slow the machine is: it was put off between `begun` and now.
      const [found] = await direct.query<{ isExact: unknown }[]>(
        `SELECT next_attempt_at - INTERVAL ? MICROSECOND BETWEEN CAST(? AS DATETIME(3)) AND UTC_TIMESTAMP(3) AS isExact
         FROM local_message WHERE tx_no = ?`,
        [delayMs * 1000, begun, failing],
      );
      expect(Number(found?.isExact)).toBe(1);
    });
  });

  it('lets a failing message cost the others in its batch nothing', async () => {
    await start(NEVER_MS);
    const [failing, neighbour] = [randomUUID(), randomUUID()];
    hooks.hooks.set('outbox.before-publish', (txNo) =>
      txNo === failing ? Promise.reject(new Error('refused')) : Promise.resolve(),
    );
    await insert(failing);
    await insert(neighbour);
    relay.wake();
    await untilPublished(neighbour);
    expect(hooks.times('outbox.before-publish', failing)).toBeGreaterThan(0);
    expect(await row(failing)).toMatchObject({ state: 'PENDING' });
  });

  it('sends a failed message again by itself when its time has come', async () => {
    await start(50);
    const txNo = randomUUID();
    let failures = 0;
    hooks.hooks.set('outbox.before-publish', () => {
      failures += 1;
      return failures <= 2 ? Promise.reject(new Error('refused')) : Promise.resolve();
    });
    await publish(txNo);
    await untilPublished(txNo);
    expect((await row(txNo)).attempts).toBe(3 + failedSendsOf(txNo));
  });
});
