import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createConnection, type Connection } from 'mysql2/promise';
import { createBankDatabase, dropBankDatabase } from '../stack/bank-database.js';
import { countMoney, type MoneyReport } from './conservation.js';

const schemas = { bank1: 'test_demo_conservation_1', bank2: 'test_demo_conservation_2' };
const rootUrl = process.env.MYSQL_ROOT_URL ?? '';

describe('countMoney', () => {
  let connection: Connection;

  beforeAll(async () => {
    connection = await createConnection({ uri: rootUrl });
    for (const bank of ['bank1', 'bank2'] as const) {
      await dropBankDatabase(rootUrl, schemas[bank]);
      await createBankDatabase(rootUrl, bank, schemas[bank]);
    }
  });

  afterAll(() => connection.end());

  beforeEach(async () => {
    for (const table of [`${schemas.bank1}.outgoing_transfer`, `${schemas.bank2}.incoming_transfer`]) {
      await connection.query(`DELETE FROM ${table}`);
    }
    for (const schema of Object.values(schemas)) {
      await connection.query(`UPDATE ${schema}.account_info SET account_balance = opening_balance`);
    }
  });

  async function debit(txNo: string, amount: string, state = 'DEBITED'): Promise<void> {
    await connection.query(
      `INSERT INTO ${schemas.bank1}.outgoing_transfer (tx_no, account_no, to_account_no, amount, state)
       VALUES (?, '1', '2', ?, ?)`,
      [txNo, amount, state],
    );
    if (state !== 'REFUNDED') await add(schemas.bank1, `-${amount}`);
  }

  async function credit(txNo: string, amount: string, state = 'CREDITED'): Promise<void> {
    await connection.query(
      `INSERT INTO ${schemas.bank2}.incoming_transfer (tx_no, account_no, to_account_no, amount, state)
       VALUES (?, '1', '2', ?, ?)`,
      [txNo, amount, state],
    );
    if (state === 'CREDITED') await add(schemas.bank2, amount);
  }

  async function add(schema: string, amount: string): Promise<void> {
    const sql = `UPDATE ${schema}.account_info SET account_balance = account_balance + CAST(? AS DECIMAL(19,2))`;
    await connection.query(sql, [amount]);
  }

  const count = (): Promise<MoneyReport> => countMoney(rootUrl, schemas);

  it('finds nothing wrong with fresh databases', async () => {
    expect(await count()).toEqual({
      opening1: '10000.00',
      opening2: '0.00',
      sent: '0.00',
      received: '0.00',
      balance1: '10000.00',
      balance2: '0.00',
      inFlight: '0.00',
      refused: '0.00',
      fromOthers: '0.00',
      problems: [],
    });
  });

  it('counts what has arrived, is under way, was refused, was refunded, and came from others', async () => {
    await debit('arrived', '10.00');
    await credit('arrived', '10.00');
    await debit('completed', '20.00', 'COMPLETED');
    await credit('completed', '20.00');
    await debit('under-way', '1.11');
    await debit('refused', '2.22');
    await credit('refused', '2.22', 'REJECTED');
    await debit('refunded', '4.44', 'REFUNDED');
    await credit('refunded', '4.44', 'REJECTED');
    await credit('stranger', '3.33');
    expect(await count()).toMatchObject({
      sent: '33.33',
      received: '33.33',
      balance1: '9966.67',
      balance2: '33.33',
      inFlight: '1.11',
      refused: '2.22',
      fromOthers: '3.33',
      problems: [],
    });
  });

  it('names an account that was credited twice', async () => {
    await debit('twice', '10.00');
    await credit('twice', '10.00');
    await add(schemas.bank2, '10.00');
    expect((await count()).problems).toEqual([
      'Account 2 at bank2 has 20.00 and should have 10.00.',
      'Altogether -10.00 is missing (negative: too much).',
    ]);
  });

  it('names an account that was debited for a transfer that is not there', async () => {
    await add(schemas.bank1, '-10.00');
    expect((await count()).problems).toEqual([
      'Account 1 at bank1 has 9990.00 and should have 10000.00.',
      'Altogether 10.00 is missing (negative: too much).',
    ]);
  });

  it('names a transfer whose amount changed on the way', async () => {
    await debit('changed', '10.00');
    await credit('changed', '100.00');
    expect((await count()).problems).toContain(
      'Transfer changed is DEBITED with 10.00 at bank1 and CREDITED with 100.00 at bank2.',
    );
  });

  it('names a transfer that was refunded and credited', async () => {
    await debit('both', '10.00', 'REFUNDED');
    await credit('both', '10.00');
    expect((await count()).problems).toEqual([
      'Transfer both is REFUNDED with 10.00 at bank1 and CREDITED with 10.00 at bank2.',
    ]);
  });
});
