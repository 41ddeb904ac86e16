import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createServiceDatabase, dropServiceDatabase } from '@txmsg/service/provisioning';
import { rollBackUnlessTried } from '@txmsg/service/seata';
import { DatabaseTransactions, Deadline, mysqlDataSourceOptions } from 'txmsg';
import { eventually } from 'txmsg/testing';
import { DataSource, type EntityManager } from 'typeorm';
import { TransferOverError } from './transfer.js';
import { transferRows } from './transfer.rows.js';

const DATABASE = 'test_seata_bank1_transfer_ends';
const rootUrl = process.env.MYSQL_ROOT_URL ?? '';
const ROW = { txNo: 't-1', xid: '10.0.0.1:8091:42' };

describe('ending a transfer of which nothing has taken effect', () => {
  let dataSource: DataSource;
  /** Lock waits are shown to an administrator alone. */
  let root: DataSource;
  let transactions: DatabaseTransactions;

  beforeAll(async () => {
    await dropServiceDatabase(rootUrl, DATABASE);
    const url = await createServiceDatabase(rootUrl, 'seata-bank1', DATABASE);
    dataSource = await new DataSource(
      mysqlDataSourceOptions(url, { connectionLimit: 5, connectTimeoutMs: 30_000 }),
    ).initialize();
    root = await new DataSource({ type: 'mysql', url: rootUrl }).initialize();
    transactions = new DatabaseTransactions(dataSource);
  });
  afterAll(() => Promise.all([dataSource.destroy(), root.destroy()]));
  beforeEach(async () => {
    await dataSource.query('DELETE FROM tcc_fence_log');
    await dataSource.query('DELETE FROM transfer');
    await dataSource.query(
      `INSERT INTO transfer (tx_no, pattern, account_no, to_account_no, amount, xid) VALUES (?, 'TCC', '1', '2', 1, ?)`,
      [ROW.txNo, ROW.xid],
    );
  });

  /** What a try does in the one transaction with its fence row. */
  const tryIt = (): Promise<void> =>
    transactions.run<undefined>(
      async ({ entityManager }) => {
        await entityManager.query(
          `INSERT INTO tcc_fence_log (xid, branch_id, action_name, status, gmt_create, gmt_modified)
           VALUES (?, 1, 'debit', 1, UTC_TIMESTAMP(3), UTC_TIMESTAMP(3))`,
          [ROW.xid],
        );
        await transferRows.lockOpen(entityManager, ROW);
        return { decision: 'COMMIT', value: undefined };
      },
      { deadline: Deadline.in(20_000) },
    );
  const stateOf = async (): Promise<string | undefined> =>
    (await dataSource.query<{ state: string }[]>('SELECT state FROM transfer'))[0]?.state;
  const waiting = async (): Promise<boolean> => {
    const [row] = await root.query<{ waits: string }[]>(
      'SELECT COUNT(*) AS waits FROM performance_schema.data_locks WHERE object_schema = ? AND lock_status = ?',
      [DATABASE, 'WAITING'],
    );
    return Number(row?.waits) > 0;
  };

  it('rolls it back', async () => {
    await expect(rollBackUnlessTried(transactions, transferRows, ROW)).resolves.toBe(true);
    expect(await stateOf()).toBe('ROLLED_BACK');
    await expect(tryIt()).rejects.toBeInstanceOf(TransferOverError);
  });

  it('leaves one alone whose try has taken effect', async () => {
    await tryIt();
    await expect(rollBackUnlessTried(transactions, transferRows, ROW)).resolves.toBe(false);
    expect(await stateOf()).toBe('OPEN');
  });

  it('is not kept from it by transfers that only phase two can end', async () => {
    const tried = Array.from({ length: 150 }, (_, index) => `old-${index}`);
    await dataSource.query(
      `INSERT INTO transfer (tx_no, pattern, account_no, to_account_no, amount, xid, begin_time)
       VALUES ${tried.map(() => "(?, 'TCC', '1', '2', 1, ?, NOW(3) - INTERVAL 1 DAY)").join()}`,
      tried.flatMap((txNo) => [txNo, txNo]),
    );
    await dataSource.query(
      `INSERT INTO tcc_fence_log (xid, branch_id, action_name, status, gmt_create, gmt_modified)
       VALUES ${tried.map(() => "(?, 1, 'debit', 1, UTC_TIMESTAMP(3), UTC_TIMESTAMP(3))").join()}`,
      tried,
    );
    await dataSource.query('UPDATE transfer SET begin_time = NOW(3) - INTERVAL 1 HOUR WHERE tx_no = ?', [
      ROW.txNo,
    ]);
    expect(await transferRows.openSince(dataSource.manager, 60_000, 100)).toEqual([ROW]);
  });

  it('lets no try in between what it looks at and what it does', async () => {
    let trying: Promise<unknown> | undefined;
    /** Begins a try as soon as the end has looked at anything, and lets it come as far as it can. */
    const between = async (): Promise<void> => {
      if (trying !== undefined) return;
      let isOver = false;
      trying = tryIt().then(
        () => 'TRIED',
        (error: unknown) => error,
      );
      void trying.then(() => {
        isOver = true;
      });
      await eventually(async () => {
        expect(isOver || (await waiting())).toBe(true);
      });
    };
    const watched: Pick<DatabaseTransactions, 'run'> = {
      run: (work, options) =>
        transactions.run(
          (context) => work({ ...context, entityManager: spied(context.entityManager) }),
          options,
        ),
    };
    const spied = (manager: EntityManager): EntityManager =>
      Object.assign(Object.create(manager) as EntityManager, {
        query: async (...statement: Parameters<EntityManager['query']>): Promise<unknown> => {
          const answer: unknown = await manager.query(...statement);
          await between();
          return answer;
        },
      });
    const ended = await rollBackUnlessTried(watched, transferRows, ROW);
    const tried = await trying;
    expect([ended, await stateOf()]).toEqual([true, 'ROLLED_BACK']);
    expect(tried).toBeInstanceOf(TransferOverError);
  });
});
