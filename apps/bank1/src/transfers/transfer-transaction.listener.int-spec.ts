import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { AccountEntity } from '@txmsg/bank';
import type { LocalTransactionOutcome } from 'txmsg';
import { EntityManager, type DataSource } from 'typeorm';
import { newServiceDataSource } from '../../../../libs/service/src/provisioning/service-data-source.fixture.js';
import { OutgoingTransferEntity } from './outgoing-transfer.entity.js';
import { TransferTransactionListener } from './transfer-transaction.listener.js';

const DATABASE = 'test_bank1_transaction_listener';

describe('TransferTransactionListener', () => {
  const listener = new TransferTransactionListener();
  let dataSource: DataSource;

  beforeAll(async () => {
    dataSource = await newServiceDataSource('bank1', DATABASE, [AccountEntity, OutgoingTransferEntity]);
  });

  afterAll(() => dataSource.destroy());

  beforeEach(async () => {
    await dataSource.query('DELETE FROM outgoing_transfer');
    await dataSource.query("UPDATE account_info SET account_balance = 10000, status = 'ACTIVE'");
  });

  const order = { txNo: 't-1', accountNo: '1', toAccountNo: '2', amount: '100.00' };

  /** Ends the transaction as the library does. */
  async function executeAll(
    orders: readonly Partial<typeof order>[],
    traceparents: readonly (string | undefined)[] = [],
  ): Promise<LocalTransactionOutcome[]> {
    const runner = dataSource.createQueryRunner();
    const items = orders.map((changes, index) => {
      const accountChange = { ...order, ...changes };
      return { txNo: accountChange.txNo, payload: { accountChange }, arg: traceparents[index] };
    });
    try {
      await runner.startTransaction('READ COMMITTED');
      // The library tries again what has waited too long for a lock; here it may wait as long as it takes.
      await runner.query('SET SESSION innodb_lock_wait_timeout = 60');
      const outcomes = await listener.executeLocalTransactions(items, runner.manager);
      const isRefused = outcomes.every(({ outcome }) => outcome === 'ROLLBACK');
      await (isRefused ? runner.rollbackTransaction() : runner.commitTransaction());
      return outcomes;
    } catch (error) {
      await runner.rollbackTransaction();
      throw error;
    } finally {
      await runner.release();
    }
  }

  async function execute(changes: Partial<typeof order> = {}): Promise<LocalTransactionOutcome> {
    const [outcome] = await executeAll([changes]);
    if (outcome === undefined) throw new Error('no outcome');
    return outcome;
  }

  const balance = async (): Promise<string | undefined> =>
    (await dataSource.manager.findOneBy(AccountEntity, { accountNo: '1' }))?.accountBalance;
  const transfers = (): Promise<OutgoingTransferEntity[]> => dataSource.manager.find(OutgoingTransferEntity);

  it('records the transfer and debits the account', async () => {
    expect(await execute()).toEqual({ outcome: 'COMMIT', result: order });
    expect(await balance()).toBe('9900.00');
    expect(await transfers()).toEqual([
      expect.objectContaining({ ...order, state: 'DEBITED', reason: null }),
    ]);
  });

  it('keeps the trace of each call that is traced, and names the column for nobody else', async () => {
    const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
    const query = jest.spyOn(EntityManager.prototype, 'query');
    await executeAll([{ txNo: 't-1' }, { txNo: 't-2' }], [undefined, traceparent]);
    await executeAll([{ txNo: 't-3' }], [traceparent]);
    await executeAll([{ txNo: 't-4' }]);
    const inserts = query.mock.calls.map(([sql]) => sql).filter((sql) => sql.startsWith('INSERT'));
    query.mockRestore();
    expect(await dataSource.query('SELECT tx_no, traceparent FROM outgoing_transfer ORDER BY tx_no')).toEqual(
      [
        { tx_no: 't-1', traceparent: null },
        { tx_no: 't-2', traceparent },
        { tx_no: 't-3', traceparent },
        { tx_no: 't-4', traceparent: null },
      ],
    );
    expect(inserts.map((sql) => sql.includes('traceparent'))).toEqual([true, true, false]);
  });

  it('may take the last cent', async () => {
    expect(await execute({ amount: '10000.00' })).toMatchObject({ outcome: 'COMMIT' });
    expect(await balance()).toBe('0.00');
  });

  it.each([
    ['INSUFFICIENT_BALANCE', { amount: '10000.01' }],
    ['INSUFFICIENT_BALANCE', { amount: '99999999999999999.99' }],
    ['NO_SUCH_ACCOUNT', { accountNo: 'nobody' }],
    ['NO_SUCH_ACCOUNT', { accountNo: '1.0' }],
  ])('refuses with %s for %j and leaves nothing behind', async (refusal, changes) => {
    expect(await execute(changes)).toEqual({ outcome: 'ROLLBACK', refusal });
    expect(await balance()).toBe('10000.00');
    expect(await transfers()).toEqual([]);
  });

  it('refuses a frozen payer', async () => {
    await dataSource.query("UPDATE account_info SET status = 'FROZEN'");
    expect(await execute()).toEqual({ outcome: 'ROLLBACK', refusal: 'ACCOUNT_FROZEN' });
    expect(await balance()).toBe('10000.00');
  });

  it('computes in decimals, not in floating point', async () => {
    await dataSource.query("UPDATE account_info SET account_balance = '90071992547409930.01'");
    await execute({ amount: '0.02' });
    expect(await balance()).toBe('90071992547409929.99');
  });

  describe('when the barrier row of an earlier transfer was purged', () => {
    it('recognises the same transfer by its row and moves no money again', async () => {
      await execute();
      expect(await execute()).toEqual({ outcome: 'ROLLBACK', refusal: 'ALREADY_DONE' });
      expect(await balance()).toBe('9900.00');
    });

    it.each([{ amount: '100.01' }, { toAccountNo: '3' }])('refuses other contents: %j', async (changes) => {
      await execute();
      expect(await execute(changes)).toEqual({ outcome: 'ROLLBACK', refusal: 'TX_NO_CONFLICT' });
      expect(await balance()).toBe('9900.00');
    });

    it('tells txNos apart that differ in case only', async () => {
      await execute();
      expect(await execute({ txNo: 'T-1' })).toMatchObject({ outcome: 'COMMIT' });
      expect(await balance()).toBe('9800.00');
    });
  });

  describe('when many come in one transaction', () => {
    it('decides each by itself, in order, and records only those that it debits', async () => {
      await dataSource.query(
        `INSERT IGNORE INTO account_info (account_name, account_no, account_balance, opening_balance, status)
         VALUES ('frozen', 'frozen', 5, 5, 'FROZEN'), ('other', 'other', '0.30', '0.30', 'ACTIVE')`,
      );
      await dataSource.query("UPDATE account_info SET account_balance = '100.00' WHERE account_no = '1'");
      await dataSource.query("UPDATE account_info SET status = 'FROZEN' WHERE account_no = 'frozen'");
      await dataSource.query("UPDATE account_info SET account_balance = '0.30' WHERE account_no = 'other'");
      const outcomes = await executeAll([
        { txNo: 'b-1', amount: '60.00' },
        { txNo: 'b-2', amount: '40.01' },
        { txNo: 'b-3', accountNo: 'other', amount: '0.10' },
        { txNo: 'b-4', accountNo: 'frozen', amount: '1.00' },
        { txNo: 'b-5', accountNo: 'nobody', amount: '1.00' },
        { txNo: 'b-6', amount: '40.00' },
        { txNo: 'b-7', amount: '0.01' },
      ]);
      expect(outcomes.map((end) => (end.outcome === 'COMMIT' ? 'DONE' : end.refusal))).toEqual([
        'DONE',
        'INSUFFICIENT_BALANCE',
        'DONE',
        'ACCOUNT_FROZEN',
        'NO_SUCH_ACCOUNT',
        'DONE',
        'INSUFFICIENT_BALANCE',
      ]);
      expect(await balance()).toBe('0.00');
      const other = await dataSource.manager.findOneBy(AccountEntity, { accountNo: 'other' });
      expect(other?.accountBalance).toBe('0.20');
      expect((await transfers()).map(({ txNo }) => txNo).sort()).toEqual(['b-1', 'b-3', 'b-6']);
    });

    it('fails as a whole when one has a row already, so that each is run alone', async () => {
      await execute();
      await expect(executeAll([{ txNo: 'a' }, {}])).rejects.toMatchObject({ errno: 1062 });
      expect(await balance()).toBe('9900.00');
      expect(await transfers()).toHaveLength(1);
    });

    it('waits for nobody crosswise: batches over the same accounts never deadlock', async () => {
      await dataSource.query(
        `INSERT IGNORE INTO account_info (account_name, account_no, account_balance, opening_balance)
         VALUES ('a', 'a', 1000, 1000), ('b', 'b', 1000, 1000), ('c', 'c', 1000, 1000)`,
      );
      const batches = Array.from({ length: 12 }, (_none, batch) =>
        executeAll(
          ['1', 'a', 'b', 'c'].map((_account, index, all) => ({
            txNo: `x-${batch}-${index}`,
            accountNo: all[(index + batch) % all.length] ?? '1',
            amount: '1.00',
          })),
        ),
      );
      const outcomes = (await Promise.all(batches)).flat();
      expect(outcomes.every(({ outcome }) => outcome === 'COMMIT')).toBe(true);
      expect(await balance()).toBe('9988.00');
    });
  });

  it('never lets concurrent transfers take more than there is', async () => {
    await dataSource.query('UPDATE account_info SET account_balance = 500');
    const outcomes = await Promise.all(
      Array.from({ length: 10 }, (_none, index) => execute({ txNo: `concurrent-${index}` })),
    );
    expect(outcomes.filter(({ outcome }) => outcome === 'COMMIT')).toHaveLength(5);
    expect(await balance()).toBe('0.00');
    expect(await transfers()).toHaveLength(5);
  });
});
