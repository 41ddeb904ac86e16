import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { AccountEntity } from '@txmsg/bank';
import { createServiceDatabase, dropServiceDatabase } from '@txmsg/service/provisioning';
import {
  mysqlDataSourceOptions,
  TxNoConflictError,
  type DeadLetterReason,
  type IncomingMessage,
} from 'txmsg';
import { DataSource } from 'typeorm';
import type { Bank2Settings } from '../bank2-settings.js';
import { AccountChangeListener } from './account-change.listener.js';
import type { IncomingTransfer, TransferDecision } from './incoming-transfer.js';
import { IncomingTransferEntity } from './incoming-transfer.entity.js';
import { TransferLedger, type RecordedTransfer } from './transfer-ledger.js';
import type { TransferResults } from './transfer-results.js';

const DATABASE = 'test_bank2_account_change_listener';
const rootUrl = process.env.MYSQL_ROOT_URL ?? '';

describe('AccountChangeListener', () => {
  const settings = { defaultPayeeAccountNo: '2', consumerGroup: 'some-group' } as Bank2Settings;
  /** What was published within transactions, committed or not: `txNo outcome reason`. */
  const published: string[] = [];
  const results: Record<string, (...given: never[]) => Promise<void>> & {
    publishAll: (decided: readonly RecordedTransfer[]) => Promise<void>;
  } = {
    publish: (transfer: IncomingTransfer, decision: TransferDecision) =>
      results.publishAll([{ transfer, decision }]),
    publishAll: (decided: readonly RecordedTransfer[]) => {
      for (const { transfer, decision } of decided) {
        published.push([transfer.txNo, decision.outcome, decision.reason].join(' '));
      }
      return Promise.resolve();
    },
  };
  const listener = new AccountChangeListener(
    settings,
    new TransferLedger(),
    results as unknown as TransferResults,
  );
  let dataSource: DataSource;

  beforeAll(async () => {
    jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
    await dropServiceDatabase(rootUrl, DATABASE);
    const url = await createServiceDatabase(rootUrl, 'bank2', DATABASE);
    const entities = [AccountEntity, IncomingTransferEntity];
    dataSource = await new DataSource({
      ...mysqlDataSourceOptions(url, { connectTimeoutMs: 30_000 }),
      entities,
    }).initialize();
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

  function handleAll(events: readonly Partial<typeof event>[]): Promise<void> {
    const items = events.map((changes) => {
      const accountChange = { ...event, ...changes };
      return { txNo: accountChange.txNo, payload: { accountChange }, message: {} as IncomingMessage };
    });
    return dataSource.transaction('READ COMMITTED', (manager) => listener.onMessages(items, manager));
  }

  const handle = (changes: Partial<typeof event> = {}): Promise<void> => handleAll([changes]);

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

  it('decides each of a batch by itself: some are credited, others refused for good', async () => {
    await dataSource.query(
      `INSERT IGNORE INTO account_info (account_name, account_no, account_balance, status)
       VALUES ('frozen', 'frozen', 0, 'FROZEN'), ('full', 'full', '99999999999999999.00', 'ACTIVE')`,
    );
    await dataSource.query("UPDATE account_info SET status = 'FROZEN' WHERE account_no = 'frozen'");
    await dataSource.query(
      "UPDATE account_info SET account_balance = '99999999999999999.00' WHERE account_no = 'full'",
    );
    await handleAll([
      { txNo: 'b-1', amount: '0.10' },
      { txNo: 'b-2', toAccountNo: 'nobody' },
      { txNo: 'b-3', toAccountNo: 'full', amount: '0.99' },
      { txNo: 'b-4', toAccountNo: 'frozen' },
      { txNo: 'b-5', toAccountNo: 'full', amount: '0.01' },
      { txNo: 'b-6', amount: '0.20' },
    ]);
    expect(published).toEqual([
      'b-1 CREDITED ',
      'b-2 REJECTED NO_SUCH_ACCOUNT',
      'b-3 CREDITED ',
      'b-4 REJECTED ACCOUNT_FROZEN',
      'b-5 REJECTED BALANCE_OVERFLOW',
      'b-6 CREDITED ',
    ]);
    expect(await balance()).toBe('0.30');
    const rows = await dataSource.manager.find(IncomingTransferEntity, { order: { txNo: 'ASC' } });
    expect(rows.map(({ state, reason }) => [state, reason])).toEqual([
      ['CREDITED', null],
      ['REJECTED', 'NO_SUCH_ACCOUNT'],
      ['CREDITED', null],
      ['REJECTED', 'ACCOUNT_FROZEN'],
      ['REJECTED', 'BALANCE_OVERFLOW'],
      ['CREDITED', null],
    ]);
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

    it('refuses a transfer when another one was credited under its txNo', async () => {
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

    it('refuses it permanently, and tells the payer', async () => {
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
