import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { DatabaseTransactions, Deadline, mysqlDataSourceOptions } from 'txmsg';
import { isDatabaseTrouble } from 'txmsg/building-blocks';
import { eventually } from 'txmsg/testing';
import { DataSource, type EntityManager } from 'typeorm';
import { call, transfer } from './kit/http.js';
import { OwnMysql } from './kit/own-mysql.js';
import { sharedServers } from './kit/servers.js';
import { TestBanks } from './kit/test-banks.js';

// A server is made first, on a machine that may be busy.
jest.setTimeout(600_000);

const TIMEOUT_MS = 60_000;

/** A failover makes a replica of a primary: connections to it live on, and it refuses whatever writes. */
describe('a MySQL that may not write any more', () => {
  let mysql: OwnMysql;
  let banks: TestBanks;

  beforeAll(async () => {
    mysql = await OwnMysql.start([], '');
    banks = await TestBanks.create('read_only', { ...sharedServers(), mysqlRootUrl: mysql.rootUrl });
  });
  afterEach(() => promote());
  afterAll(async () => {
    await banks.close();
    await mysql.stop();
  });

  const demote = (): Promise<void> => mysql.administer('SET GLOBAL super_read_only = ON');
  const promote = (): Promise<void> => mysql.administer('SET GLOBAL read_only = OFF');

  describe('refuses a statement, and the library closes the connection', () => {
    let dataSource: DataSource;
    let transactions: DatabaseTransactions;

    beforeEach(async () => {
      const options = mysqlDataSourceOptions(banks.mysqlUrl('bank1'), {
        connectionLimit: 1,
        connectTimeoutMs: TIMEOUT_MS,
      });
      dataSource = await new DataSource({ ...options }).initialize();
      transactions = new DatabaseTransactions(dataSource);
    });
    afterEach(() => dataSource.destroy());

    const inTransaction = <T>(work: (manager: EntityManager) => Promise<T>): Promise<T> =>
      transactions.run(
        async ({ entityManager }) => ({ decision: 'COMMIT', value: await work(entityManager) }),
        { deadline: Deadline.in(TIMEOUT_MS) },
      );
    const outside = <T>(work: (manager: EntityManager) => Promise<T>): Promise<T> =>
      transactions.autocommit(TIMEOUT_MS, work);
    const idOf = async (manager: EntityManager): Promise<unknown> =>
      (await manager.query<{ id: unknown }[]>('SELECT CONNECTION_ID() AS id'))[0]?.id;

    it.each([
      ['in a transaction', inTransaction],
      ['outside of one', outside],
    ])('%s, and uses others until one may write', async (where, within) => {
      /** The connection that was used, and the error that came of it. */
      const write = async (name: string): Promise<{ id: unknown; error?: unknown }> => {
        let id: unknown;
        const sql = "UPDATE account_info SET account_name = ? WHERE account_no = '1'";
        try {
          await within(async (manager) => {
            id = await idOf(manager);
            await manager.query(sql, [name]);
          });
          return { id };
        } catch (error) {
          return { id, error };
        }
      };
      const before = await write(`before, ${where}`);
      expect(before.error).toBeUndefined();
      await demote();
      // Reading goes on, on the connection that is there.
      expect(await within(idOf)).toEqual(before.id);
      const [first, second] = [await write('in vain'), await write('in vain')];
      for (const { error } of [first, second]) {
        expect(error).toMatchObject({ errno: 1290, message: expect.stringContaining('read-only') });
        expect(isDatabaseTrouble(error)).toBe(true);
      }
      await promote();
      const after = await write(`after, ${where}`);
      expect(after.error).toBeUndefined();
      expect(first.id).toEqual(before.id);
      expect(new Set([first.id, second.id, after.id]).size).toBe(3);
    });
  });

  it('lets bank1 answer reads, and transfers 503 until it may write again', async () => {
    const bank1 = await banks.start('bank1');
    const pair = await banks.books.openPair('demoted', '10.00');
    const order = { ...pair, txNo: 'demoted', amount: '4.00' };
    await demote();
    expect(await transfer(bank1, order)).toMatchObject({ status: 503 });
    expect((await call(`${bank1.url}/accounts/${pair.accountNo}`)).body).toMatchObject({ balance: '10.00' });
    await promote();
    await eventually(async () => (await transfer(bank1, order)).status === 201);
    expect(await banks.books.balance('bank1', pair.accountNo)).toBe('6.00');
    await bank1.kill('SIGTERM');
  });
});
