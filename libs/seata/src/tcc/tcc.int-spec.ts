import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { DatabaseTransactions, Deadline, mysqlDataSourceOptions } from 'txmsg';
import { NoFaults } from 'txmsg/faults';
import { eventually, MysqlProxy } from 'txmsg/testing';
import { DataSource } from 'typeorm';
import { createSeataDatabase } from '../../test/seata-database.js';
import { NoGlobalTransactionError, TccActionUnknownError, TccSuspendedError } from '../errors/index.js';
import type { Branch } from '../rm/branch.js';
import { withinGlobalTransaction } from '../tm/global-transaction.context.js';
import { OpenGlobalTransaction } from '../tm/open-global-transaction.js';
import { FencePurge } from './fence.purge.js';
import type { TccCall } from './tcc-action.js';
import { TccActions } from './tcc-actions.js';
import { TccResource } from './tcc.resource.js';
import { TwoPhaseBusinessAction } from './two-phase-business-action.decorator.js';

const TIMEOUT_MS = 20_000;
const DAY_MS = 86_400_000;
interface Seats {
  readonly count: number;
}

/** One row counts what was reserved, sold and given back, so that anything that happens twice is seen. */
class SeatsAction {
  failure: Error | undefined;
  /** Called inside the try, before it reserves. */
  onTry: () => Promise<void> = () => Promise.resolve();

  @TwoPhaseBusinessAction({ name: 'seats', confirm: 'sell', cancel: 'giveBack' })
  async try({ entityManager, input }: TccCall<Seats>): Promise<string> {
    await this.onTry();
    await entityManager.query('UPDATE seats SET free = free - ?, reserved = reserved + ?', [
      input.count,
      input.count,
    ]);
    return 'reserved';
  }

  async sell({ entityManager, input }: TccCall<Seats>): Promise<void> {
    await entityManager.query('UPDATE seats SET reserved = reserved - ?, sold = sold + ?', [
      input.count,
      input.count,
    ]);
    if (this.failure !== undefined) throw this.failure;
  }

  async giveBack({ entityManager, input }: TccCall<Seats>): Promise<void> {
    await entityManager.query('UPDATE seats SET reserved = reserved - ?, free = free + ?', [
      input.count,
      input.count,
    ]);
    if (this.failure !== undefined) throw this.failure;
  }
}

describe('an action of TCC on MySQL', () => {
  let proxy: MysqlProxy;
  let dataSource: DataSource;
  let transactions: DatabaseTransactions;
  let action: SeatsAction;
  let resource: TccResource;
  let actions: TccActions;
  let branches: Branch[];

  beforeAll(async () => {
    jest.spyOn(Logger.prototype, 'error').mockImplementation(() => undefined);
    proxy = await MysqlProxy.start(
      await createSeataDatabase('tcc', 'CREATE TABLE seats (free INT, reserved INT, sold INT);'),
    );
    dataSource = await new DataSource(
      mysqlDataSourceOptions(proxy.url, { connectionLimit: 5, connectTimeoutMs: 30_000 }),
    ).initialize();
    transactions = new DatabaseTransactions(dataSource);
  });
  afterAll(async () => {
    await dataSource.destroy();
    await proxy.close();
    jest.restoreAllMocks();
  });
  beforeEach(async () => {
    await dataSource.query('DELETE FROM seats');
    await dataSource.query('DELETE FROM tcc_fence_log');
    await dataSource.query('INSERT INTO seats VALUES (10, 0, 0)');
    branches = [];
    action = new SeatsAction();
    const methods = { confirm: action.sell.bind(action), cancel: action.giveBack.bind(action) };
    resource = new TccResource('seats', methods as never, transactions, new NoFaults());
    const registrar = {
      register: ({ xid, resourceId, applicationData }: Branch): Promise<bigint> => {
        // Larger than a JavaScript number holds.
        const branchId = 9_007_199_254_740_993n + BigInt(branches.length);
        branches.push({ xid, branchId, branchType: 'TCC', resourceId, applicationData });
        return Promise.resolve(branchId);
      },
    };
    actions = new TccActions(registrar as never, transactions, new NoFaults());
  });

  const global = (): OpenGlobalTransaction =>
    new OpenGlobalTransaction('10.0.0.1:8091:42', 'INITIATOR', Deadline.in(TIMEOUT_MS));
  const reserve = (open = global()): Promise<string> =>
    withinGlobalTransaction(open, () => actions.try(action, { count: 3 }));
  const branch = (): Branch => {
    const last = branches.at(-1);
    if (last === undefined) throw new Error('no branch was registered');
    return last;
  };
  const commit = () => resource.commit(branch(), Deadline.in(TIMEOUT_MS));
  const rollback = () => resource.rollback(branch(), Deadline.in(TIMEOUT_MS));
  const seats = async (): Promise<unknown> => (await dataSource.query<unknown[]>('SELECT * FROM seats'))[0];
  const fence = async (): Promise<number[]> =>
    (await dataSource.query<{ status: number }[]>('SELECT status FROM tcc_fence_log')).map(
      ({ status }) => status,
    );

  it('reserves and confirms, and a second confirm changes nothing', async () => {
    await expect(reserve()).resolves.toBe('reserved');
    expect([await seats(), await fence()]).toEqual([{ free: 7, reserved: 3, sold: 0 }, [1]]);
    expect([await commit(), await commit()]).toEqual(['DONE', 'DONE']);
    expect([await seats(), await fence()]).toEqual([{ free: 7, reserved: 0, sold: 3 }, [2]]);
  });

  it('cancels once, also when it is asked many times at once', async () => {
    await reserve();
    const answers = await Promise.allSettled(Array.from({ length: 5 }, rollback));
    expect(answers.some((answer) => answer.status === 'fulfilled' && answer.value === 'DONE')).toBe(true);
    await expect(rollback()).resolves.toBe('DONE');
    expect([await seats(), await fence()]).toEqual([{ free: 10, reserved: 0, sold: 0 }, [3]]);
  });

  it('confirms once, also when it is asked many times at once', async () => {
    await reserve();
    await Promise.allSettled(Array.from({ length: 5 }, commit));
    await expect(commit()).resolves.toBe('DONE');
    expect([await seats(), await fence()]).toEqual([{ free: 7, reserved: 0, sold: 3 }, [2]]);
  });

  it('gives nothing back for a try that never came (empty rollback), and refuses that try when it does (suspension)', async () => {
    const open = global();
    let cancelled: string | undefined;
    const registrar = {
      register: async (registration: Branch) => {
        branches.push({ ...registration, branchId: 1n, branchType: 'TCC' });
        // The coordinator's timeout passes just here.
        cancelled = await rollback();
        return 1n;
      },
    };
    actions = new TccActions(registrar as never, transactions, new NoFaults());
    await expect(reserve(open)).rejects.toBeInstanceOf(TccSuspendedError);
    expect(cancelled).toBe('DONE');
    expect([await seats(), await fence()]).toEqual([{ free: 10, reserved: 0, sold: 0 }, [4]]);
    await expect(rollback()).resolves.toBe('DONE');
    expect(await seats()).toEqual({ free: 10, reserved: 0, sold: 0 });
  });

  it('a cancel that comes while the try runs waits for it, and then gives back', async () => {
    let cancelling: Promise<string> | undefined;
    action.onTry = async () => {
      cancelling = rollback();
      await eventually(async () => {
        const [row] = await dataSource.query<{ waits: string }[]>(
          'SELECT COUNT(*) AS waits FROM performance_schema.data_lock_waits',
        );
        expect(Number(row?.waits)).toBeGreaterThan(0);
      });
    };
    await expect(reserve()).resolves.toBe('reserved');
    await expect(cancelling).resolves.toBe('DONE');
    expect([await seats(), await fence()]).toEqual([{ free: 10, reserved: 0, sold: 0 }, [3]]);
  });

  it('never confirms what was cancelled, nor cancels what was confirmed, and says that a person must look', async () => {
    await reserve();
    await rollback();
    await expect(commit()).resolves.toBe('NEVER');
    expect(await seats()).toEqual({ free: 10, reserved: 0, sold: 0 });
    await reserve();
    await commit();
    await expect(rollback()).resolves.toBe('NEVER');
    expect(await seats()).toEqual({ free: 7, reserved: 0, sold: 3 });
  });

  it('does not confirm without a fence row, and asks to be called again', async () => {
    await reserve();
    await dataSource.query('DELETE FROM tcc_fence_log');
    await expect(commit()).resolves.toBe('RETRY');
    expect(await seats()).toEqual({ free: 7, reserved: 3, sold: 0 });
  });

  it('keeps nothing of a confirm or cancel that throws', async () => {
    await reserve();
    action.failure = new Error('not now');
    await expect(commit()).rejects.toThrow('not now');
    await expect(rollback()).rejects.toThrow('not now');
    expect([await seats(), await fence()]).toEqual([{ free: 7, reserved: 3, sold: 0 }, [1]]);
    action.failure = undefined;
    await expect(commit()).resolves.toBe('DONE');
  });

  it('an answer to COMMIT that is lost does not make a confirm happen twice', async () => {
    await reserve();
    const played = proxy.at(/^COMMIT/, 'cut-after');
    await expect(commit()).rejects.toThrow();
    await played;
    await eventually(async () => {
      await expect(commit()).resolves.toBe('DONE');
    });
    expect([await seats(), await fence()]).toEqual([{ free: 7, reserved: 0, sold: 3 }, [2]]);
  });

  it('tells the initiator what its own fence says', async () => {
    const open = global();
    await reserve(open);
    const [own] = open.ownBranches.all;
    const outcome = () => own?.outcome(Deadline.in(TIMEOUT_MS));
    expect(own).toMatchObject({ branchId: branch().branchId, resourceId: 'seats', branchType: 'TCC' });
    await expect(outcome()).resolves.toBe('UNKNOWN');
    await commit();
    await expect(outcome()).resolves.toBe('COMMITTED');
    await dataSource.query('UPDATE tcc_fence_log SET status = 3');
    await expect(outcome()).resolves.toBe('ROLLED_BACK');
  });

  it('needs a global transaction that is open, and a declared action', async () => {
    await expect(actions.try(action, { count: 1 })).rejects.toBeInstanceOf(NoGlobalTransactionError);
    const plain = { try: () => Promise.resolve() };
    await expect(withinGlobalTransaction(global(), () => actions.try(plain, {}))).rejects.toBeInstanceOf(
      TccActionUnknownError,
    );
    const over = global();
    over.end();
    await expect(reserve(over)).rejects.toMatchObject({ code: 'SEATA_GLOBAL_TRANSACTION_OVER' });
    expect(branches).toEqual([]);
  });

  it('purges the rows of branches that ended long ago, and no others', async () => {
    for (const [branchId, status, age] of [
      [1, 1, 9],
      [2, 2, 9],
      [3, 3, 9],
      [4, 4, 9],
      [5, 2, 1],
    ]) {
      await dataSource.query(
        `INSERT INTO tcc_fence_log VALUES ('x', ?, 'seats', ?, UTC_TIMESTAMP(3), UTC_TIMESTAMP(3) - INTERVAL ? DAY)`,
        [branchId, status, age],
      );
    }
    const left = async (): Promise<string[]> => {
      await new FencePurge(transactions, { fenceRetentionMs: 7 * DAY_MS, retentionIntervalMs: 0 }).purge();
      const rows = await dataSource.query<{ branch_id: string }[]>(
        'SELECT branch_id FROM tcc_fence_log ORDER BY branch_id',
      );
      return rows.map(({ branch_id }) => branch_id);
    };
    // One of the two clocks is wrong; if it is the database's, these rows only look old.
    const clock = jest.spyOn(Date, 'now').mockReturnValue(Date.now() - 8 * DAY_MS);
    expect(await left()).toEqual(['1', '2', '3', '4', '5']);
    clock.mockRestore();
    expect(await left()).toEqual(['1', '5']);
  });
});
