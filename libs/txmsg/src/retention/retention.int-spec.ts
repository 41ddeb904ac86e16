import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger, type INestApplicationContext, type Type } from '@nestjs/common';
import { IsString } from 'class-validator';
import type { DataSource, EntityManager } from 'typeorm';
import { startLibraryApplication } from '../../test/library-application.js';
import { openIdleSession } from '../../test/idle-session.js';
import { createLibraryDatabase, openDataSource } from '../../test/library-database.js';
import { DatabaseTransactions } from '../database/index.js';
import {
  commit,
  MessageListener,
  TransactionListener,
  TransactionTemplate,
  type LocalTransactionListener,
  type LocalTransactionOutcome,
  type MessageHandler,
} from '../index.js';
import { eventually, InMemoryBroker } from '../testing/index.js';
import { BARRIER_ROWS, ExpiredRows, PUBLISHED_MESSAGES, type ExpiringTable } from './expired-rows.js';
import { RetentionJob } from './retention.job.js';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

class Note {
  @IsString()
  readonly txNo!: string;
}

@TransactionListener({ topic: 'notes', producerGroup: 'producers' })
class NoteSender implements LocalTransactionListener<Note, undefined, string, never> {
  async executeLocalTransaction(
    { txNo }: Note,
    _arg: undefined,
    manager: EntityManager,
  ): Promise<LocalTransactionOutcome<string, never>> {
    await manager.query("INSERT INTO effect (tx_no, note) VALUES (?, 'sent')", [txNo]);
    return commit('done');
  }
}

@MessageListener({ topic: 'notes', consumerGroup: 'consumers', payload: Note })
class NoteReceiver implements MessageHandler<Note> {
  async onMessage({ txNo }: Note, manager: EntityManager): Promise<void> {
    await manager.query("INSERT INTO effect (tx_no, note) VALUES (?, 'received')", [txNo]);
  }
}

/** Callers and purges share a machine that may be busy with other tests. */
const PURGE_DEADLINE_MS = 400_000;

describe('retention', () => {
  let url: string;
  let direct: DataSource;
  let transactions: DatabaseTransactions;
  const warnings: unknown[] = [];

  beforeAll(async () => {
    jest.spyOn(Logger.prototype, 'log').mockImplementation(() => undefined);
    jest.spyOn(Logger.prototype, 'warn').mockImplementation((warning: unknown) => {
      // Nest's own are text: it warns of several applications in one process.
      if (typeof warning === 'object') warnings.push(warning);
    });
    url = await createLibraryDatabase('retention');
    direct = await openDataSource(url, 20);
    transactions = new DatabaseTransactions(direct);
  });
  afterAll(async () => {
    jest.restoreAllMocks();
    await direct.destroy();
  });
  beforeEach(async () => {
    warnings.length = 0;
    for (const table of ['de_duplication', 'local_message', 'effect']) {
      await direct.query(`DELETE FROM ${table}`);
    }
  });
  const applications: INestApplicationContext[] = [];
  afterEach(async () => {
    for (const application of applications.splice(0)) await application.close();
  });

  const expired = (table: ExpiringTable): ExpiredRows => new ExpiredRows(transactions, table, HOUR_MS);
  const job = (): RetentionJob => new RetentionJob([expired(BARRIER_ROWS), expired(PUBLISHED_MESSAGES)], 0);

  async function barrierRow(txNo: string, ageMs: number, attempt = '', outcome = 'COMMIT'): Promise<void> {
    await direct.query(
      `INSERT INTO de_duplication (tx_no, scope, attempt, outcome, create_time)
       VALUES (?, 'scope', ?, ?, UTC_TIMESTAMP(3) - INTERVAL ? MICROSECOND)`,
      [txNo, attempt, outcome, ageMs * 1000],
    );
  }

  async function message(txNo: string, state: string, publishedMsAgo: number | null): Promise<void> {
    await direct.query(
      `INSERT INTO local_message (topic, tx_no, body, state, create_time, next_attempt_at, published_time)
       VALUES ('t', ?, '{}', ?, UTC_TIMESTAMP(3) - INTERVAL 30 DAY, UTC_TIMESTAMP(3) - INTERVAL 30 DAY,
         UTC_TIMESTAMP(3) - INTERVAL ? MICROSECOND)`,
      [txNo, state, publishedMsAgo === null ? null : publishedMsAgo * 1000],
    );
  }

  /** Old barrier rows in any number; their txNos are spread among those of new messages. */
  async function oldBarrierRows(count: number): Promise<void> {
    await direct.transaction(async (manager) => {
      await manager.query(`SET SESSION cte_max_recursion_depth = ${count + 1}`);
      await manager.query(
        `INSERT INTO de_duplication (tx_no, scope, attempt, outcome, create_time)
         WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < ${count})
         SELECT CONCAT(LEFT(SHA2(i, 256), 8), '-', i), IF(i % 2, 'producers', 'consumers'), IF(i % 4 = 1, i, ''),
           'COMMIT', UTC_TIMESTAMP(3) - INTERVAL 8 DAY - INTERVAL i MICROSECOND FROM n`,
      );
    });
  }

  /** Others are possible on a machine that is busy: of deadlines, and of deliveries that come twice. */
  const lockWarnings = (): unknown[] =>
    warnings.filter((warning) => /deadlock|lock wait/i.test(JSON.stringify(warning)));
  const txNosOf = async (table: string): Promise<string[]> =>
    (await direct.query<{ tx_no: string }[]>(`SELECT tx_no FROM ${table} ORDER BY tx_no`)).map(
      (row) => row.tx_no,
    );
  const oldRows = async (): Promise<number> => {
    const [row] = await direct.query<{ n: string }[]>(
      'SELECT COUNT(*) AS n FROM de_duplication WHERE create_time < UTC_TIMESTAMP(3) - INTERVAL 1 HOUR',
    );
    return Number(row?.n);
  };

  it('deletes barrier rows that are older than their retention, whatever they say, and no others', async () => {
    await barrierRow('old-done', HOUR_MS + MINUTE_MS);
    await barrierRow('old-attempt', HOUR_MS + MINUTE_MS, 'a');
    await barrierRow('old-tombstone', 100 * HOUR_MS, 'a', 'ROLLBACK');
    await barrierRow('OLD-done', HOUR_MS - MINUTE_MS); // another txNo than old-done
    await barrierRow('young-done', HOUR_MS - MINUTE_MS);
    await barrierRow('young-tombstone', 0, 'a', 'ROLLBACK');
    await job().purge();
    expect(await txNosOf('de_duplication')).toEqual(['OLD-done', 'young-done', 'young-tombstone']);
  });

  it('deletes messages that were published long ago, and never one that is yet to be published', async () => {
    await message('published-long-ago', 'PUBLISHED', HOUR_MS + MINUTE_MS);
    await message('published-just-now', 'PUBLISHED', HOUR_MS - MINUTE_MS);
    await message('pending', 'PENDING', null);
    await message('pending-again', 'PENDING', HOUR_MS + MINUTE_MS);
    await job().purge();
    expect(await txNosOf('local_message')).toEqual(['pending', 'pending-again', 'published-just-now']);
  });

  it('passes by a row that somebody works on, waits for nobody, and comes back for it', async () => {
    for (const txNo of ['free-1', 'free-2', 'held', 'other-1', 'other-2', 'other-3']) {
      // So many of the table's rows that MySQL would rather scan it, which would wait for the one that is held.
      await barrierRow(txNo, 2 * HOUR_MS);
      await message(txNo, 'PUBLISHED', 2 * HOUR_MS);
    }
    const holder = await openIdleSession(direct);
    await holder.startTransaction();
    try {
      await holder.query("SELECT * FROM de_duplication WHERE tx_no = 'held' FOR SHARE");
      await holder.query("UPDATE local_message SET attempts = attempts + 1 WHERE tx_no = 'held'");
      await job().purge();
      expect(warnings).toEqual([]);
      expect(await txNosOf('de_duplication')).toEqual(['held']);
      expect(await txNosOf('local_message')).toEqual(['held']);
    } finally {
      await holder.rollbackTransaction();
      await holder.release();
    }
    await job().purge();
    expect(await txNosOf('de_duplication')).toEqual([]);
    expect(await txNosOf('local_message')).toEqual([]);
  });

  it('lets several purge at once', async () => {
    await oldBarrierRows(10_000);
    await barrierRow('young', 0);
    await Promise.all([job(), job(), job(), job()].map((it) => it.purge()));
    expect(lockWarnings()).toEqual([]);
    await job().purge(); // whatever a batch that met its deadline left behind
    expect(await txNosOf('de_duplication')).toEqual(['young']);
  });

  it('says that it could not, goes on with the other table, and does it next time', async () => {
    await barrierRow('old', 2 * HOUR_MS);
    await message('old', 'PUBLISHED', 2 * HOUR_MS);
    await direct.query('RENAME TABLE de_duplication TO de_duplication_away');
    try {
      await expect(job().purge()).resolves.toBeUndefined();
    } finally {
      await direct.query('RENAME TABLE de_duplication_away TO de_duplication');
    }
    expect(warnings).toEqual([
      expect.objectContaining({ table: 'de_duplication', cause: expect.stringContaining('de_duplication') }),
    ]);
    expect(await txNosOf('local_message')).toEqual([]);
    await job().purge();
    expect(await txNosOf('de_duplication')).toEqual([]);
  });

  it.each([
    ['ahead', '+'],
    ['behind', '-'],
  ])('deletes nothing while the database is a day %s of this process, and says so', async (_label, sign) => {
    await barrierRow('live', 0);
    await barrierRow('old', 3 * 24 * HOUR_MS);
    await message('live', 'PUBLISHED', 0);
    const jumped: Pick<DatabaseTransactions, 'run'> = {
      run: (work, options) =>
        transactions.run(async (scope) => {
          await scope.entityManager.query(`SET timestamp = UNIX_TIMESTAMP() ${sign} 86400`);
          return work(scope).finally(() => scope.entityManager.query('SET timestamp = DEFAULT'));
        }, options),
    };
    const tables = [BARRIER_ROWS, PUBLISHED_MESSAGES].map((table) => new ExpiredRows(jumped, table, HOUR_MS));
    await new RetentionJob(tables, 0).purge();
    expect(await txNosOf('de_duplication')).toEqual(['live', 'old']);
    expect(await txNosOf('local_message')).toEqual(['live']);
    expect(warnings).toMatchObject(
      ['de_duplication', 'local_message'].map((table) => ({
        table,
        cause: expect.stringMatching(/^ClocksDisagreeError: The database's clock is -?8\d{4} s ahead/),
      })),
    );
    await job().purge();
    expect(await txNosOf('de_duplication')).toEqual(['live']);
  });

  it('stops after the batch in hand', async () => {
    await oldBarrierRows(2000);
    const rows = expired(BARRIER_ROWS);
    const stopped = new RetentionJob([rows], 1);
    const deleteBatch = jest.spyOn(rows, 'deleteBatch').mockImplementationOnce(async (from) => {
      const batch = await rows.deleteBatch(from);
      void stopped.stop(0);
      return batch;
    });
    stopped.start();
    await eventually(async () => (await oldRows()) < 2000);
    await stopped.stop(30_000);
    expect(deleteBatch).toHaveBeenCalledTimes(2); // the stand-in, and the real one that it calls
    expect(await oldRows()).toBe(1500);
  });

  it('keeps barrier rows for some time longer than messages are acted on, for clocks that differ', async () => {
    await barrierRow('just-expired', HOUR_MS + 10 * MINUTE_MS);
    await barrierRow('expired', HOUR_MS + 20 * MINUTE_MS);
    applications.push(
      await startLibraryApplication({
        databaseUrl: url,
        listeners: [],
        options: { barrierRetentionMs: HOUR_MS, checkHorizonMs: 0, retentionIntervalMs: 50 },
      }),
    );
    await eventually(async () => (await txNosOf('de_duplication')).length === 1);
    expect(await txNosOf('de_duplication')).toEqual(['just-expired']);
  });

  it(
    'deletes 100,000 old barrier rows while messages come, and none of them fails or waits',
    async () => {
      const broker = new InMemoryBroker();
      const instance = (retentionIntervalMs: number, listeners: Type[]) =>
        startLibraryApplication({
          databaseUrl: url,
          listeners,
          // The time is generous, and proves nothing: a machine that is busy with other tests is slow.
          options: { sendTimeoutMs: 14_000, retentionIntervalMs },
          transport: broker,
        });
      await oldBarrierRows(100_000);
      const serving = await instance(0, [NoteSender, NoteReceiver]);
      applications.push(serving);
      const template = serving.get(TransactionTemplate);
      const sent: string[] = [];
      const failures: unknown[] = [];
      const stopping = new AbortController();
      const callers = Array.from({ length: 8 }, async () => {
        while (!stopping.signal.aborted) {
          const txNo = randomUUID();
          await template.sendMessageInTransaction('notes', { txNo }, { txNo }).then(
            ({ state }) => (state === 'COMMITTED' ? sent.push(txNo) : failures.push(state)),
            (error: unknown) => failures.push(error),
          );
        }
      });
      // Two instances purge, and do nothing else.
      applications.push(await instance(10, []), await instance(10, []));
      const waits: unknown[] = [];
      const before = sent.length;
      await eventually(
        async () => {
          waits.push(...(await lockWaits()));
          return (await oldRows()) === 0;
        },
        { timeoutMs: PURGE_DEADLINE_MS, intervalMs: 100 },
      );
      const duringPurge = sent.length - before;
      stopping.abort();
      await Promise.all(callers);
      expect(failures).toEqual([]);
      expect(waits).toEqual([]);
      expect(duringPurge).toBeGreaterThan(0);
      await eventually(async () => (await effects('received')) === sent.length);
      expect(await effects('sent')).toBe(sent.length);
      expect(lockWarnings()).toEqual([]);
      broker.close();
    },
    2 * PURGE_DEADLINE_MS,
  );

  /**
   * Who waits at this moment for a lock on a barrier row that a purge holds, or for which a purge waits. A connection
   * that purges is known by the statements that it ran last.
   */
  const lockWaits = (): Promise<unknown[]> =>
    direct.query(
      `SELECT DISTINCT l.INDEX_NAME, l.LOCK_MODE, l.LOCK_DATA FROM performance_schema.data_lock_waits w
       JOIN performance_schema.data_locks l ON l.ENGINE_LOCK_ID = w.REQUESTING_ENGINE_LOCK_ID
       JOIN performance_schema.events_statements_history h
         ON h.THREAD_ID IN (w.REQUESTING_THREAD_ID, w.BLOCKING_THREAD_ID)
       WHERE l.OBJECT_SCHEMA = DATABASE() AND l.OBJECT_NAME = 'de_duplication'
         AND h.SQL_TEXT LIKE '%FROM de_duplication FORCE INDEX (create_time)%'`,
    );
  const effects = async (note: string): Promise<number> => {
    const [row] = await direct.query<{ n: string }[]>('SELECT COUNT(*) AS n FROM effect WHERE note = ?', [
      note,
    ]);
    return Number(row?.n);
  };
});
