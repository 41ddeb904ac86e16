import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { DataSource, EntityManager } from 'typeorm';
import { createLibraryDatabase, openDataSource } from '../../test/library-database.js';
import { DatabaseTransactions } from '../database/index.js';
import { LocalMessageStore, type ClaimedMessage } from './local-message.store.js';

const TOPIC = 't_store';

describe('LocalMessageStore', () => {
  let direct: DataSource;
  let first: LocalMessageStore;
  let second: LocalMessageStore;
  let txNo: string;

  const state = async (): Promise<string> => {
    const [row] = await direct.query<{ state: string; lease_owner: string | null }[]>(
      'SELECT state, lease_owner FROM local_message WHERE tx_no = ?',
      [txNo],
    );
    return `${row?.state} ${row?.lease_owner === null ? 'free' : 'claimed'}`;
  };
  const claim = (store: LocalMessageStore): Promise<ClaimedMessage[]> => store.claim([TOPIC], 10);
  /** As if its relay had been frozen for longer than that. */
  const endLease = (): Promise<unknown> =>
    direct.query(
      'UPDATE local_message SET next_attempt_at = UTC_TIMESTAMP(3), lease_until = UTC_TIMESTAMP(3) WHERE tx_no = ?',
      [txNo],
    );
  /** Of all that was ever published. */
  const committedAtMs = async (): Promise<number> => {
    const sql = 'SELECT ROUND(1000 * UNIX_TIMESTAMP(create_time)) AS at FROM local_message';
    const [row] = await direct.query<{ at: string }[]>(sql);
    return Number(row?.at);
  };
  const reopen = (): Promise<unknown> => first.reopen({ at: new Date(0), id: '0' }, 10);

  beforeAll(async () => {
    direct = await openDataSource(await createLibraryDatabase('store'));
    const open = (): LocalMessageStore =>
      new LocalMessageStore(new DatabaseTransactions(direct), 7 * 86_400_000);
    [first, second] = [open(), open()];
  });
  afterAll(() => direct.destroy());
  beforeEach(async () => {
    txNo = randomUUID();
    await direct.query('DELETE FROM local_message');
    await direct.transaction((manager) =>
      first.insertAll(manager, TOPIC, [{ txNo, body: Buffer.from('{}') }]),
    );
  });

  it('claims a row for one relay until its lease ends, and marks it for the one that holds it', async () => {
    const claimed = await claim(first);
    expect(claimed).toMatchObject([{ txNo, attempts: 1, firstSentAtMs: undefined }]);
    expect(await claim(second)).toEqual([]);
    await endLease();
    await first.markPublished(claimed);
    expect(await state()).toBe('PUBLISHED free');
  });

  it('leaves a row to the relay that took it over: the late one neither marks nor postpones it', async () => {
    const late = await claim(first);
    await endLease();
    const taken = await claim(second);
    // The late one may have sent it before it could mark it.
    expect(taken).toMatchObject([{ txNo, attempts: 2, firstSentAtMs: await committedAtMs() }]);
    await first.markPublished(late);
    for (const message of late) await first.postpone(message, 0);
    expect(await state()).toBe('PENDING claimed');
    await second.markPublished(taken);
    expect(await state()).toBe('PUBLISHED free');
  });

  it('publishes again what was reopened, although a late relay thinks that it is done', async () => {
    const late = await claim(first);
    await endLease();
    await second.markPublished(await claim(second));
    await reopen();
    await first.markPublished(late);
    expect(await state()).toBe('PENDING free');
    // Not even when its own process has claimed the row once more meanwhile.
    expect(await claim(first)).toHaveLength(1);
    await first.markPublished(late);
    expect(await state()).toBe('PENDING claimed');
  });

  it('leaves to the others what is due beyond its own claim, even while it has not committed it', async () => {
    for (let count = 1; count < 20; count += 1) {
      await direct.transaction((manager) =>
        first.insertAll(manager, TOPIC, [{ txNo: `other-${count}`, body: Buffer.from('{}') }]),
      );
    }
    await direct.query('ANALYZE TABLE local_message'); // now MySQL knows that it is small, and would rather scan it
    let taken: ClaimedMessage[] = [];
    const transactions = new DatabaseTransactions(direct);
    const slowToCommit: Pick<DatabaseTransactions, 'run' | 'autocommit'> = {
      autocommit: (timeoutMs, work) => transactions.autocommit(timeoutMs, work),
      run: (work, options) =>
        transactions.run(async (scope) => {
          const decision = await work(scope);
          taken = await claim(second);
          return decision;
        }, options),
    };
    const slow = new LocalMessageStore(slowToCommit, 7 * 86_400_000);
    const claimed = await claim(slow);
    expect(claimed).toHaveLength(10);
    expect(taken).toHaveLength(10);
    expect(new Set([...claimed, ...taken].map(({ id }) => id)).size).toBe(20);
  });

  describe('when it hands rows over to the process that inserts them', () => {
    const insert = async (
      txNos: readonly string[],
      store = first,
      prepare: (manager: EntityManager) => Promise<unknown> = () => Promise.resolve(),
    ): Promise<string[]> => {
      await direct.query('DELETE FROM local_message');
      return direct.transaction(async (manager) => {
        await prepare(manager);
        const messages = txNos.map((each) => ({ txNo: each, body: Buffer.from('{}') }));
        return store.insertAll(manager, TOPIC, messages, 'HANDED_OVER');
      });
    };

    it('no claim finds them, and their first publication counts', async () => {
      const ids = await insert([txNo]);
      expect(await claim(first)).toEqual([]);
      const read = await first.readHandedOver(ids);
      expect(read).toMatchObject([{ id: ids[0], txNo, topic: TOPIC, attempts: 1, firstSentAtMs: undefined }]);
      await first.markPublished(read);
      expect(await state()).toBe('PUBLISHED free');
      expect(await first.readHandedOver(ids)).toEqual([]);
    });

    it('another relay takes them over when that process has gone, and the late one leaves them alone', async () => {
      const ids = await insert([txNo]);
      const late = await first.readHandedOver(ids);
      await endLease();
      const taken = await claim(second);
      expect(taken).toMatchObject([{ txNo, attempts: 2, firstSentAtMs: await committedAtMs() }]);
      expect(await first.readHandedOver(ids)).toEqual([]);
      await first.markPublished(late);
      expect(await state()).toBe('PENDING claimed');
      await second.markPublished([...late, ...taken]);
      expect(await state()).toBe('PUBLISHED free');
    });

    it('a first insertion that never gets an answer stops nobody else', async () => {
      const store = new LocalMessageStore(new DatabaseTransactions(direct), 7 * 86_400_000);
      const silent = { query: () => new Promise(() => undefined) } as unknown as EntityManager;
      void store.insertAll(silent, TOPIC, [{ txNo: 'silent', body: Buffer.from('{}') }], 'HANDED_OVER');
      const ids = await insert([txNo], store);
      expect(await store.readHandedOver(ids)).toMatchObject([{ txNo }]);
    });

    it('it knows their ids also where MySQL leaves gaps between them', async () => {
      const store = new LocalMessageStore(new DatabaseTransactions(direct), 7 * 86_400_000);
      const txNos = ['a', 'b', 'c'].map((name) => `${name}-${txNo}`);
      const ids = await insert(txNos, store, (manager) =>
        manager.query('SET SESSION auto_increment_increment = 7'),
      );
      const read = await store.readHandedOver(ids);
      expect(read.map((message) => message.txNo).sort()).toEqual(txNos);
    });

    it('it knows their ids again soon when those gaps are changed while it runs', async () => {
      const store = new LocalMessageStore(new DatabaseTransactions(direct), 7 * 86_400_000);
      const found = async (step: number): Promise<number> => {
        const gaps = `SET SESSION auto_increment_increment = ${step}`;
        const txNos = ['a', 'b', 'c'].map((name) => `${name}-${txNo}`);
        const ids = await insert(txNos, store, (manager) => manager.query(gaps));
        return (await store.readHandedOver(ids)).length;
      };
      expect(await found(1)).toBe(3);
      // The rest is published by whoever claims it later.
      expect(await found(7)).toBe(1);
      expect([await found(7), await found(7)]).toEqual([3, 3]);
    });
  });

  it('takes a row back from the relay that is publishing it, for whoever comes next', async () => {
    const claimed = await claim(first);
    await first.revokeLeases();
    await first.markPublished(claimed);
    expect(await state()).toBe('PENDING free');
    expect(await claim(second)).toHaveLength(1);
  });
});
