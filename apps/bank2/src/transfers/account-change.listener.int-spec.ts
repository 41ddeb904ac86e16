import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { AccountEntity } from '@txmsg/bank';
import { mysqlDataSourceOptions, TxNoConflictError, type DeadLetterReason } from 'txmsg';
import { DataSource } from 'typeorm';
import { createBankDatabase, dropBankDatabase } from '@txmsg/bank/provisioning';
import type { Bank2Settings } from '../bank2-settings.js';
import { AccountChangeListener } from './account-change.listener.js';
import type { IncomingTransfer, TransferDecision } from './incoming-transfer.js';
import { IncomingTransferEntity } from './incoming-transfer.entity.js';
import { TransferLedger } from './transfer-ledger.js';
import type { TransferResults } from './transfer-results.js';

const DATABASE = 'test_bank2_account_change_listener';
const rootUrl = process.env.MYSQL_ROOT_URL ?? '';

describe('AccountChangeListener', () => {
  const settings = { defaultPayeeAccountNo: '2', consumerGroup: 'some-group' } as Bank2Settings;
  /** What was published within transactions, committed or not: `txNo outcome reason`. */
  const published: string[] = [];
  const results = {
    publish: ({ txNo }: IncomingTransfer, { outcome, reason }: TransferDecision) => {
      published.push([txNo, outcome, reason].join(' '));
      return Promise.resolve();
    },
  } as unknown as TransferResults;
  const listener = new AccountChangeListener(settings, new TransferLedger(), results);
  let dataSource: DataSource;

  beforeAll(async () => {
    jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
    await dropBankDatabase(rootUrl, DATABASE);
    const url = await createBankDatabase(rootUrl, 'bank2', DATABASE);
    const entities = [AccountEntity, IncomingTransferEntity];
    dataSource = await new DataSource({ ...mysqlDataSourceOptions(url), entities }).initialize();
  });

  afterAll(async () => {
    jest.restoreAllMocks();
    await dataSource.destroy();
  });

  beforeEach(async () => {
    published.length = 0;
    await dataSource.query('DELETE FROM incoming_transfer');
    await dataSource.query("UPDATE account_info SET account_balance = 0, status = 'ACTIVE'");
  });

  const event = { txNo: 't-1', accountNo: '1', toAccountNo: '2', amount: '100.00' };

  function handle(changes: Partial<typeof event> = {}): Promise<void> {
    return dataSource.transaction('READ COMMITTED', (manager) =>
      listener.onMessage({ accountChange: { ...event, ...changes } }, manager),
    );
  }

  const balance = async (): Promise<string | undefined> =>
    (await dataSource.manager.findOneBy(AccountEntity, { accountNo: '2' }))?.accountBalance;
  const transfers = (): Promise<IncomingTransferEntity[]> => dataSource.manager.find(IncomingTransferEntity);

  it('records the transfer, credits the payee and reports it', async () => {
    await handle();
    expect(published).toEqual(['t-1 CREDITED ']);
    expect(await balance()).toBe('100.00');
    expect(await transfers()).toEqual([
      expect.objectContaining({ ...event, state: 'CREDITED', reason: null }),
    ]);
  });

  it('fills in the default payee when a classic sender names none', () => {
    const classic = { txNo: event.txNo, accountNo: event.accountNo, amount: event.amount };
    expect(listener.normalizePayload({ accountChange: classic })).toEqual({ accountChange: event });
  });

  it.each([
    ['NO_SUCH_ACCOUNT', { toAccountNo: 'nobody' }, undefined],
    ['ACCOUNT_FROZEN', {}, "status = 'FROZEN'"],
    ['BALANCE_OVERFLOW', { amount: '0.01' }, "account_balance = '99999999999999999.99'"],
  ])('records the permanent refusal %s and credits nothing', async (reason, changes, preparation) => {
    if (preparation !== undefined) await dataSource.query(`UPDATE account_info SET ${preparation}`);
    const before = await balance();
    await handle(changes);
    expect(await balance()).toBe(before);
    expect(await transfers()).toEqual([expect.objectContaining({ txNo: 't-1', state: 'REJECTED', reason })]);
    expect(published).toEqual([`t-1 REJECTED ${reason}`]);
  });

  it('fills an account to the last cent that fits', async () => {
    await handle({ amount: '99999999999999999.99' });
    expect(await balance()).toBe('99999999999999999.99');
  });

  it('computes in decimals, not in floating point', async () => {
    await dataSource.query("UPDATE account_info SET account_balance = '90071992547409929.99'");
    await handle({ amount: '0.02' });
    expect(await balance()).toBe('90071992547409930.01');
  });

  describe('when the barrier row of an earlier transfer was purged', () => {
    it('credits the same transfer only once', async () => {
      await handle();
      await handle();
      expect(await balance()).toBe('100.00');
      expect(published).toEqual(['t-1 CREDITED ', 't-1 CREDITED ']);
    });

    it('does not credit what it once refused', async () => {
      await dataSource.query("UPDATE account_info SET status = 'FROZEN'");
      await handle();
      await dataSource.query("UPDATE account_info SET status = 'ACTIVE'");
      await handle();
      expect(await balance()).toBe('0.00');
      expect(await transfers()).toEqual([expect.objectContaining({ state: 'REJECTED' })]);
      expect(published).toEqual(['t-1 REJECTED ACCOUNT_FROZEN', 't-1 REJECTED ACCOUNT_FROZEN']);
    });

    it.each([{ amount: '100.01' }, { accountNo: '3' }, { toAccountNo: '3' }])(
      'makes other contents a conflict: %j',
      async (changes) => {
        await handle();
        await expect(handle(changes)).rejects.toBeInstanceOf(TxNoConflictError);
        expect(await balance()).toBe('100.00');
      },
    );
  });

  describe('when a message becomes a dead letter', () => {
    const bury = (reason: DeadLetterReason, changes: Partial<typeof event> = {}): Promise<'STORE' | 'DROP'> =>
      dataSource.transaction('READ COMMITTED', (manager) =>
        listener.onDeadLetter({ accountChange: { ...event, ...changes } }, reason, manager),
      );

    it('refuses a transfer that another one under its txNo excludes for ever', async () => {
      await handle({ amount: '7.00' });
      published.length = 0;
      await expect(bury('TX_NO_CONFLICT')).resolves.toBe('STORE');
      expect(published).toEqual(['t-1 REJECTED TX_NO_CONFLICT']);
      expect(await balance()).toBe('7.00');
    });

    it('never refuses one that was credited: the stored result is sent again', async () => {
      await handle();
      published.length = 0;
      for (const reason of ['TX_NO_CONFLICT', 'HANDLER_FAILED', 'EXPIRED'] as const) {
        await expect(bury(reason)).resolves.toBe('DROP');
      }
      expect(published).toEqual(Array(3).fill('t-1 CREDITED '));
    });

    it('decides nothing about one that may still be credited', async () => {
      for (const reason of ['TX_NO_CONFLICT', 'HANDLER_FAILED', 'EXPIRED'] as const) {
        await expect(bury(reason)).resolves.toBe('STORE');
      }
      expect(published).toEqual([]);
    });
  });

  describe('when an operator dismisses its dead letter', () => {
    const dismiss = (changes: Partial<typeof event> = {}): Promise<void> =>
      dataSource.transaction('READ COMMITTED', (manager) =>
        listener.onDismiss({ accountChange: { ...event, ...changes } }, manager),
      );

    it('refuses it for ever, and tells the payer', async () => {
      await dismiss();
      await handle();
      expect(published).toEqual(['t-1 REJECTED DISMISSED', 't-1 REJECTED DISMISSED']);
      expect(await transfers()).toEqual([
        expect.objectContaining({ state: 'REJECTED', reason: 'DISMISSED' }),
      ]);
      expect(await balance()).toBe('0.00');
    });

    it('never refuses one that was credited: the stored result is sent again', async () => {
      await handle();
      await dismiss();
      expect(published).toEqual(['t-1 CREDITED ', 't-1 CREDITED ']);
      expect(await balance()).toBe('100.00');
      expect(await transfers()).toEqual([expect.objectContaining({ state: 'CREDITED' })]);
    });

    it('tells the payer again of contents that others exclude, and changes nothing', async () => {
      await handle({ amount: '7.00' });
      await dismiss();
      expect(published).toEqual(['t-1 CREDITED ', 't-1 REJECTED TX_NO_CONFLICT']);
      expect(await balance()).toBe('7.00');
      expect(await transfers()).toEqual([expect.objectContaining({ amount: '7.00', state: 'CREDITED' })]);
    });
  });
});
