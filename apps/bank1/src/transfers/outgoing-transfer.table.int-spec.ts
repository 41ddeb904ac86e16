import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createServiceDatabase, dropServiceDatabase } from '@txmsg/service/provisioning';
import { mysqlDataSourceOptions } from 'txmsg';
import { DataSource } from 'typeorm';
import { OutgoingTransferTable } from './outgoing-transfer.table.js';

const DATABASE = 'test_bank1_outgoing_transfer_table';
const rootUrl = process.env.MYSQL_ROOT_URL ?? '';

describe('the table of transfers of an earlier version', () => {
  let own: DataSource;
  let root: DataSource;

  beforeAll(async () => {
    await dropServiceDatabase(rootUrl, DATABASE);
    own = await new DataSource({
      ...mysqlDataSourceOptions(await createServiceDatabase(rootUrl, 'bank1', DATABASE), {
        connectTimeoutMs: 30_000,
      }),
    }).initialize();
    root = await new DataSource({
      ...mysqlDataSourceOptions(new URL(DATABASE, rootUrl).href, { connectTimeoutMs: 30_000 }),
    }).initialize();
    await root.query('ALTER TABLE outgoing_transfer DROP COLUMN traceparent');
  });
  afterAll(async () => {
    await Promise.all([own.destroy(), root.destroy()]);
    await dropServiceDatabase(rootUrl, DATABASE);
  });

  it('keeps the bank from starting, with the sentence that says what to do', async () => {
    await expect(new OutgoingTransferTable(own).onModuleInit()).rejects.toThrow(
      'its table outgoing_transfer is of an earlier version; run sql/bank1.sql again',
    );
  });

  it('is mended by the script while the version before it writes', async () => {
    const insert = (txNo: string): Promise<unknown> =>
      own.query(
        `INSERT INTO outgoing_transfer (tx_no, account_no, to_account_no, amount, state)
         VALUES (?, '1', '2', '1.00', 'DEBITED')`,
        [txNo],
      );
    await insert('before');
    await createServiceDatabase(rootUrl, 'bank1', DATABASE);
    await expect(new OutgoingTransferTable(own).onModuleInit()).resolves.toBeUndefined();
    await insert('after');
    const rows = await own.query<object[]>('SELECT tx_no, traceparent FROM outgoing_transfer ORDER BY tx_no');
    expect(rows).toEqual([
      { tx_no: 'after', traceparent: null },
      { tx_no: 'before', traceparent: null },
    ]);
  });
});
