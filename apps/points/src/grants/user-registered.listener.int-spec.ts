import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createServiceDatabase, dropServiceDatabase } from '@txmsg/service/provisioning';
import { mysqlDataSourceOptions, TxNoConflictError } from 'txmsg';
import { DataSource, type EntityManager } from 'typeorm';
import type { PointsSettings } from '../points-settings.js';
import { PointsLedger } from './points.ledger.js';
import { UserRegisteredListener } from './user-registered.listener.js';

const DATABASE = 'test_points_user_registered_listener';
const rootUrl = process.env.MYSQL_ROOT_URL ?? '';

describe('UserRegisteredListener', () => {
  let dataSource: DataSource;

  beforeAll(async () => {
    await dropServiceDatabase(rootUrl, DATABASE);
    const url = await createServiceDatabase(rootUrl, 'points', DATABASE);
    dataSource = await new DataSource(mysqlDataSourceOptions(url, { connectTimeoutMs: 30_000 })).initialize();
  });
  afterAll(() => dataSource.destroy());
  beforeEach(async () => {
    await dataSource.query('DELETE FROM points_grant');
    await dataSource.query('DELETE FROM points_account');
  });

  const listener = (points = 100): UserRegisteredListener =>
    new UserRegisteredListener({ pointsForRegistration: points } as PointsSettings, new PointsLedger());
  const inTransaction = <T>(work: (manager: EntityManager) => Promise<T>): Promise<T> =>
    dataSource.transaction('READ COMMITTED', work);
  const handle = (txNo: string, userId: string, points?: number): Promise<void> =>
    inTransaction((manager) => listener(points).onMessage({ txNo, userId }, manager));
  const accounts = (): Promise<unknown> =>
    dataSource.query('SELECT user_id AS userId, points FROM points_account ORDER BY user_id');
  const grants = (): Promise<unknown> =>
    dataSource.query('SELECT tx_no AS txNo, user_id AS userId, points FROM points_grant ORDER BY tx_no');

  it('opens the account of a user with the points, and keeps what was granted', async () => {
    await handle('t-1', 'u-1');
    expect(await accounts()).toEqual([{ userId: 'u-1', points: 100 }]);
    expect(await grants()).toEqual([{ txNo: 't-1', userId: 'u-1', points: 100 }]);
  });

  it('adds to an account that is there', async () => {
    await handle('t-1', 'u-1', 7);
    await handle('t-2', 'u-1', 8);
    await handle('t-3', 'U-1', 9);
    expect(await accounts()).toEqual([
      { userId: 'U-1', points: 9 },
      { userId: 'u-1', points: 15 },
    ]);
  });

  describe('when the barrier row of an earlier message was purged', () => {
    it('adds nothing for the same contents, also when the setting is another one now', async () => {
      await handle('t-1', 'u-1', 100);
      await handle('t-1', 'u-1', 200);
      expect(await accounts()).toEqual([{ userId: 'u-1', points: 100 }]);
    });

    it('takes another user under the same txNo for a conflict', async () => {
      await handle('t-1', 'u-1');
      await expect(handle('t-1', 'u-2')).rejects.toBeInstanceOf(TxNoConflictError);
      expect(await accounts()).toEqual([{ userId: 'u-1', points: 100 }]);
    });

    it('keeps no dead letter of what was consumed, and one of everything else', async () => {
      await handle('t-1', 'u-1');
      const bury = (txNo: string, userId: string): Promise<'STORE' | 'DROP'> =>
        inTransaction((manager) => listener().onDeadLetter({ txNo, userId }, 'EXPIRED', manager));
      expect(await bury('t-1', 'u-1')).toBe('DROP');
      expect(await bury('t-1', 'u-2')).toBe('STORE');
      expect(await bury('t-2', 'u-1')).toBe('STORE');
    });
  });

  it('rolls the grant back with an account that cannot hold more', async () => {
    await dataSource.query("INSERT INTO points_account (user_id, points) VALUES ('u-1', 4294967295)");
    await expect(handle('t-1', 'u-1')).rejects.toThrow();
    expect(await grants()).toEqual([]);
  });
});
