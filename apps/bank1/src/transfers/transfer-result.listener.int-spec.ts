import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { AccountEntity } from '@txmsg/bank';
import type { Ignored, IncomingMessage } from 'txmsg';
import type { DataSource } from 'typeorm';
import { newServiceDataSource } from '../../../../libs/service/src/provisioning/service-data-source.fixture.js';
import { OutgoingTransferEntity } from './outgoing-transfer.entity.js';
import { TransferResultListener } from './transfer-result.listener.js';
import { OutgoingTransferLedger } from './outgoing-transfer.ledger.js';

const DATABASE = 'test_bank1_transfer_result_listener';

describe('TransferResultListener', () => {
  const listener = new TransferResultListener(new OutgoingTransferLedger());
  let dataSource: DataSource;

  beforeAll(async () => {
    jest.spyOn(Logger.prototype, 'log').mockImplementation(() => undefined);
    dataSource = await newServiceDataSource('bank1', DATABASE, [AccountEntity, OutgoingTransferEntity]);
  });

  afterAll(async () => {
    jest.restoreAllMocks();
    await dataSource.destroy();
  });

  beforeEach(async () => {
    await dataSource.query('DELETE FROM outgoing_transfer');
    await dataSource.query("UPDATE account_info SET account_balance = '9900.00', status = 'ACTIVE'");
    await dataSource.query(
      "INSERT INTO outgoing_transfer (tx_no, account_no, to_account_no, amount) VALUES ('t-1', '1', '2', '100.00')",
    );
  });

  const credited = {
    txNo: 't-1',
    accountNo: '1',
    toAccountNo: '2',
    amount: '100.00',
    outcome: 'CREDITED' as const,
  };
  const rejected = { ...credited, outcome: 'REJECTED' as const, reason: 'ACCOUNT_FROZEN' };

  type Result = typeof credited | typeof rejected;
  const handleAll = (results: readonly Result[]): Promise<(Ignored | undefined)[]> =>
    dataSource.transaction('READ COMMITTED', (manager) =>
      listener.onMessages(
        results.map((transferResult) => ({
          txNo: transferResult.txNo,
          payload: { transferResult },
          message: {} as IncomingMessage,
        })),
        manager,
      ),
    );
  const handle = async (result: Result): Promise<Ignored | undefined> => (await handleAll([result]))[0];
  const balance = async (): Promise<string | undefined> =>
    (await dataSource.manager.findOneBy(AccountEntity, { accountNo: '1' }))?.accountBalance;
  const state = async (): Promise<string> => {
    const { state, reason } = await dataSource.manager.findOneByOrFail(OutgoingTransferEntity, {
      txNo: 't-1',
    });
    return [state, reason].join(' ');
  };

  it('completes a credited transfer', async () => {
    await handle(credited);
    expect(await state()).toBe('COMPLETED ');
    expect(await balance()).toBe('9900.00');
  });

  it('gives a refused transfer back, also to a frozen account', async () => {
    await dataSource.query("UPDATE account_info SET status = 'FROZEN'");
    await handle(rejected);
    expect(await state()).toBe('REFUNDED ACCOUNT_FROZEN');
    expect(await balance()).toBe('10000.00');
  });

  it('gives back once, although the barrier has forgotten the first result', async () => {
    await handle(rejected);
    await handle(rejected);
    expect(await balance()).toBe('10000.00');
  });

  it('does not give back what was completed, nor complete what was given back', async () => {
    await handle(credited);
    await handle(rejected);
    expect([await state(), await balance()]).toEqual(['COMPLETED ', '9900.00']);
  });

  it('gives back once when two refusals come at the same time', async () => {
    await Promise.all([handle(rejected), handle(rejected), handle(rejected)]);
    expect(await balance()).toBe('10000.00');
  });

  it('ends each of a batch by itself, and ignores those that are not about us', async () => {
    await dataSource.query(
      `INSERT INTO outgoing_transfer (tx_no, account_no, to_account_no, amount)
       VALUES ('t-2', '1', '2', '20.00'), ('t-3', '1', '2', '3.00'), ('t-5', '1', '2', '0.50')`,
    );
    const endings = await handleAll([
      credited,
      { ...rejected, txNo: 't-2', amount: '20.00' },
      { ...rejected, txNo: 't-3', amount: '3.00' },
      { ...rejected, txNo: 't-4', amount: '4.00' },
      { ...rejected, txNo: 't-5', amount: '0.51' },
    ]);
    expect(endings).toEqual([
      undefined,
      undefined,
      undefined,
      { ignored: 'UNKNOWN_TX_NO' },
      { ignored: 'OTHER_CONTENTS' },
    ]);
    const rows = await dataSource.manager.find(OutgoingTransferEntity, { order: { txNo: 'ASC' } });
    expect(rows.map(({ txNo, state, reason }) => [txNo, state, reason])).toEqual([
      ['t-1', 'COMPLETED', null],
      ['t-2', 'REFUNDED', 'ACCOUNT_FROZEN'],
      ['t-3', 'REFUNDED', 'ACCOUNT_FROZEN'],
      ['t-5', 'DEBITED', null],
    ]);
    expect(await balance()).toBe('9923.00');
  });

  it.each([{ amount: '100.01' }, { accountNo: '3' }, { toAccountNo: '3' }])(
    'ignores a result with other contents: %j',
    async (changes) => {
      await expect(handle({ ...rejected, ...changes })).resolves.toEqual({ ignored: 'OTHER_CONTENTS' });
      expect([await state(), await balance()]).toEqual(['DEBITED ', '9900.00']);
    },
  );

  it('ignores a result for a txNo that it does not know', async () => {
    await expect(handle({ ...rejected, txNo: 't-2' })).resolves.toEqual({ ignored: 'UNKNOWN_TX_NO' });
  });

  it.each([
    ['under way', 'DEBITED', true],
    ['ended', 'COMPLETED', false],
  ])(
    'ends nothing when a result is dismissed: bank2 is asked about a transfer that is %s',
    async (_what, before, isDue) => {
      await dataSource.query('UPDATE outgoing_transfer SET state = ?, next_check_at = ?', [
        before,
        '2999-01-01 00:00:00',
      ]);
      const dismissed = dataSource.transaction('READ COMMITTED', (manager) =>
        listener.onDismiss({ transferResult: rejected }, manager),
      );
      await expect(dismissed).resolves.toEqual({ ignored: expect.any(String) });
      expect([await state(), await balance()]).toEqual([`${before} `, '9900.00']);
      const due = await dataSource.query<object[]>(
        'SELECT 1 FROM outgoing_transfer WHERE next_check_at <= UTC_TIMESTAMP(3)',
      );
      expect(due).toHaveLength(isDue ? 1 : 0);
    },
  );

  it('keeps a contradicting second result for a person, and drops one that is not about us', async () => {
    const bury = (transferResult: typeof rejected): Promise<'STORE' | 'DROP'> =>
      dataSource.transaction((manager) =>
        listener.onDeadLetter({ transferResult }, 'TX_NO_CONFLICT', manager),
      );
    await expect(bury(rejected)).resolves.toBe('STORE');
    await expect(bury({ ...rejected, amount: '1.00' })).resolves.toBe('DROP');
    await expect(bury({ ...rejected, txNo: 't-2' })).resolves.toBe('DROP');
  });
});
