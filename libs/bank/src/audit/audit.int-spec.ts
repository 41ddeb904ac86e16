import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createServiceDatabase, dropServiceDatabase } from '@txmsg/service/provisioning';
import { createConnection, type Connection } from 'mysql2/promise';
import { audit, type AuditOptions } from './audit.js';
import { AuditUnreadableError } from './audit.error.js';
import type { AuditReport, Disagreement } from './audit-report.js';
import { describeDisagreement } from './audit-report.js';
import { auditOneServer, auditTwoServers } from './mysql-audit.js';
import { MysqlBooks } from './mysql-books.js';
import { SnapshotConnection } from './snapshot-connection.js';

const schemas = { bank1: 'test_audit_bank1', bank2: 'test_audit_bank2' };
const rootUrl = process.env.MYSQL_ROOT_URL ?? '';

type Reading = (options?: AuditOptions) => Promise<AuditReport>;

describe('the audit', () => {
  let connection: Connection;
  let urls: { bank1: string; bank2: string };

  beforeAll(async () => {
    connection = await createConnection({ uri: rootUrl });
    for (const schema of Object.values(schemas)) await dropServiceDatabase(rootUrl, schema);
    urls = {
      bank1: await createServiceDatabase(rootUrl, 'bank1', schemas.bank1),
      bank2: await createServiceDatabase(rootUrl, 'bank2', schemas.bank2),
    };
  });

  afterAll(() => connection.end());

  beforeEach(async () => {
    for (const table of [
      `${schemas.bank1}.outgoing_transfer`,
      `${schemas.bank1}.top_up`,
      `${schemas.bank2}.incoming_transfer`,
    ]) {
      await connection.query(`DELETE FROM ${table}`);
    }
    for (const schema of Object.values(schemas)) {
      await connection.query(`DELETE FROM ${schema}.account_info WHERE account_no NOT IN ('1', '2')`);
      await connection.query(`UPDATE ${schema}.account_info SET account_balance = opening_balance`);
    }
  });

  /** As bank1 does it: the row, and the payer's money unless it was given back. */
  async function debit(txNo: string, amount: string, state = 'DEBITED', toAccountNo = '2'): Promise<void> {
    await connection.query(
      `INSERT INTO ${schemas.bank1}.outgoing_transfer (tx_no, account_no, to_account_no, amount, state)
       VALUES (?, '1', ?, ?, ?)`,
      [txNo, toAccountNo, amount, state],
    );
    if (state !== 'REFUNDED') await add('bank1', `-${amount}`);
  }

  /** As bank2 does it. */
  async function credit(txNo: string, amount: string, state = 'CREDITED', toAccountNo = '2'): Promise<void> {
    await connection.query(
      `INSERT INTO ${schemas.bank2}.incoming_transfer (tx_no, account_no, to_account_no, amount, state)
       VALUES (?, '1', ?, ?, ?)`,
      [txNo, toAccountNo, amount, state],
    );
    if (state === 'CREDITED') await add('bank2', amount);
  }

  async function add(bank: 'bank1' | 'bank2', amount: string): Promise<void> {
    const sql = `UPDATE ${schemas[bank]}.account_info SET account_balance = account_balance + CAST(? AS DECIMAL(19,2))`;
    await connection.query(sql, [amount]);
  }

  async function end(txNo: string, state: 'COMPLETED' | 'REFUNDED', amount = '0.00'): Promise<void> {
    await connection.query(`UPDATE ${schemas.bank1}.outgoing_transfer SET state = ? WHERE tx_no = ?`, [
      state,
      txNo,
    ]);
    if (state === 'REFUNDED') await add('bank1', amount);
  }

  const oneServer: Reading = (options) => auditOneServer(rootUrl, schemas, options);
  const twoServers: Reading = (options) => auditTwoServers(urls, options);

  describe.each([
    ['in one snapshot of one server', 'ONE_SNAPSHOT', oneServer],
    ['in three snapshots, as of two servers', 'THREE_SNAPSHOTS', twoServers],
  ] as const)('%s', (_label, reading, read) => {
    const named = async (): Promise<string[]> => {
      const { agrees, disagreements } = await read();
      expect(agrees).toBe(disagreements.count === 0);
      expect(disagreements.listed).toHaveLength(disagreements.count);
      return disagreements.listed.map(describeDisagreement);
    };

    it('finds nothing wrong with fresh databases', async () => {
      expect(await read()).toEqual({
        agrees: true,
        reading,
        disagreements: { count: 0, listed: [] },
        foreignCredits: { count: 0, listed: [], sum: '0.00' },
        topUps: { credited: { count: 0, sum: '0.00' }, contradicted: { count: 0, listed: [] } },
        money: {
          opening: { bank1: '10000.00', bank2: '0.00' },
          balance: { bank1: '10000.00', bank2: '0.00' },
          sent: '0.00',
          received: '0.00',
          inFlight: '0.00',
          refused: '0.00',
          missing: '0.00',
        },
        transfers: { bank1: 0, bank2: 0 },
      });
    });

    describe('of top-ups, which are money from outside', () => {
      const topUp = async (txNo: string, amount: string, state: string, contradiction?: string) => {
        await connection.query(
          `INSERT INTO ${schemas.bank1}.top_up (tx_no, account_no, amount, state, contradiction)
           VALUES (?, '1', ?, ?, ?)`,
          [txNo, amount, state, contradiction ?? null],
        );
      };
      beforeEach(async () => {
        await topUp('paid', '12.50', 'CREDITED');
        await topUp('paid-too', '0.50', 'CREDITED');
        for (const state of ['EXPECTED', 'FAILED', 'REFUSED', 'GIVEN_UP']) await topUp(state, '9.00', state);
        await add('bank1', '13.00');
        await debit('arrived', '10.00', 'COMPLETED');
        await credit('arrived', '10.00');
      });

      it('agrees with those that were credited, and with none else', async () => {
        expect(await named()).toEqual([]);
        const { topUps, money } = await read();
        expect(topUps).toEqual({
          credited: { count: 2, sum: '13.00' },
          contradicted: { count: 0, listed: [] },
        });
        expect(money).toMatchObject({ opening: { bank1: '10000.00' }, missing: '0.00' });
      });

      it.each([
        ['the money of a credit is gone', () => add('bank1', '-12.50')],
        [
          'its row is gone',
          () => connection.query(`DELETE FROM ${schemas.bank1}.top_up WHERE tx_no = 'paid'`),
        ],
        ['it was credited twice', () => add('bank1', '12.50')],
        [
          'its row says that it is not credited',
          () =>
            connection.query(`UPDATE ${schemas.bank1}.top_up SET state = 'EXPECTED' WHERE tx_no = 'paid'`),
        ],
      ])('disagrees when %s', async (_what, damage) => {
        await damage();
        expect(await named()).toEqual([
          expect.stringMatching(/^Account 1 at bank1 has /),
          expect.stringMatching(/^Both banks and what is in flight have /),
        ]);
      });

      it('names an account that is not there', async () => {
        await connection.query(`UPDATE ${schemas.bank1}.top_up SET account_no = 'gone' WHERE tx_no = 'paid'`);
        expect(await named()).toContain(
          'Account gone at bank1 has no account_info row and should have 12.50.',
        );
      });

      it('lists what is contradicted, which is no disagreement', async () => {
        await topUp('unclear', '1.00', 'EXPECTED', 'a message said success: 2.00 for 1');
        const { agrees, topUps } = await read();
        expect(agrees).toBe(true);
        expect(topUps.contradicted).toEqual({
          count: 1,
          listed: [
            {
              txNo: 'unclear',
              accountNo: '1',
              amount: '1.00',
              state: 'EXPECTED',
              contradiction: 'a message said success: 2.00 for 1',
            },
          ],
        });
      });
    });

    it('agrees with what has arrived, is under way, was refused, was refunded, and came from others', async () => {
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
      await debit('taken', '7.00', 'REFUNDED');
      await credit('taken', '0.05');
      await debit('refused-stranger', '8.00', 'REFUNDED');
      await credit('refused-stranger', '0.06', 'REJECTED');
      await debit('taken-under-way', '50.00');
      await credit('taken-under-way', '0.07');
      await debit('refused-stranger-under-way', '60.00');
      await credit('refused-stranger-under-way', '0.08', 'REJECTED');
      expect(await read({ foreignSenders: true })).toMatchObject({
        agrees: true,
        money: {
          sent: '143.33',
          received: '33.45',
          balance: { bank1: '9856.67', bank2: '33.45' },
          inFlight: '113.33',
          refused: '112.22',
          missing: '0.00',
        },
        foreignCredits: {
          count: 3,
          sum: '3.45',
          listed: [
            { txNo: 'stranger', accountNo: '1', toAccountNo: '2', amount: '3.33' },
            { txNo: 'taken', accountNo: '1', toAccountNo: '2', amount: '0.05' },
            { txNo: 'taken-under-way', accountNo: '1', toAccountNo: '2', amount: '0.07' },
          ],
        },
        transfers: { bank1: 9, bank2: 9 },
      });
    });

    it('names a credit that nobody debited, unless foreign senders are declared', async () => {
      await credit('invented', '50.00');
      expect(await named()).toEqual([
        'Transfer invented at bank2 is CREDITED with 50.00 from 1 to 2 and should be nothing, because bank1 has not sent it, and no foreign senders are declared.',
        'Both banks and what is in flight have 10050.00 together and should have 10000.00.',
      ]);
      expect(await read()).toMatchObject({ money: { missing: '-50.00' }, foreignCredits: { sum: '50.00' } });
      expect(await read({ foreignSenders: true })).toMatchObject({
        agrees: true,
        money: { missing: '0.00' },
      });
    });

    it('names a credit that is gone, with its money', async () => {
      await debit('removed', '50.00', 'COMPLETED');
      await credit('removed', '50.00');
      await connection.query(`DELETE FROM ${schemas.bank2}.incoming_transfer WHERE tx_no = 'removed'`);
      await add('bank2', '-50.00');
      expect(await named()).toEqual([
        'Transfer removed at bank2 is nothing and should be CREDITED with 50.00 from 1 to 2, because bank1 has COMPLETED it.',
        'Both banks and what is in flight have 9950.00 together and should have 10000.00.',
      ]);
    });

    it('keeps every digit of amounts that no JavaScript number holds', async () => {
      await credit('large-1', '90071992547409.93');
      await credit('large-2', '90071992547409.94');
      expect(await read({ foreignSenders: true })).toMatchObject({
        agrees: true,
        foreignCredits: { sum: '180143985094819.87' },
        money: { balance: { bank2: '180143985094819.87' } },
      });
    });

    it('tells txNos apart that differ in case, and orders them as the database does', async () => {
      const txNos = ['b', 'B', 'a', 'A', '_', '-', ':', '.', '1', '10', '9', 'Aa', 'aA'];
      for (const txNo of txNos) {
        await debit(txNo, '1.00');
        await credit(txNo, '1.00');
      }
      expect(await read()).toMatchObject({ agrees: true, transfers: { bank1: 13, bank2: 13 } });
    });

    it('names an account that was credited twice', async () => {
      await debit('twice', '10.00');
      await credit('twice', '10.00');
      await add('bank2', '10.00');
      expect(await named()).toEqual([
        'Account 2 at bank2 has 20.00 and should have 10.00.',
        'Both banks and what is in flight have 10010.00 together and should have 10000.00.',
      ]);
    });

    it('names an account that was debited for a transfer that is not there', async () => {
      await add('bank1', '-10.00');
      expect(await named()).toEqual([
        'Account 1 at bank1 has 9990.00 and should have 10000.00.',
        'Both banks and what is in flight have 9990.00 together and should have 10000.00.',
      ]);
      expect((await read()).money.missing).toBe('10.00');
    });

    it('names a transfer that was refunded without giving the money back', async () => {
      await debit('kept', '10.00');
      await credit('kept', '10.00', 'REJECTED');
      await end('kept', 'REFUNDED');
      expect(await named()).toContain('Account 1 at bank1 has 9990.00 and should have 10000.00.');
    });

    it('names an account that transfers speak of and that is not there', async () => {
      await debit('to-nobody', '10.00', 'DEBITED', 'nobody');
      await connection.query(
        `INSERT INTO ${schemas.bank2}.incoming_transfer (tx_no, account_no, to_account_no, amount, state)
         VALUES ('to-nobody', '1', 'nobody', '10.00', 'CREDITED')`,
      );
      expect(await named()).toEqual([
        'Account nobody at bank2 has no account_info row and should have 10.00.',
        'Both banks and what is in flight have 9990.00 together and should have 10000.00.',
      ]);
    });

    it.each([
      ['amount', '100.00', '2', '100.00 from 1 to 2'],
      ['payee', '10.00', '3', '10.00 from 1 to 3'],
    ])('names a transfer whose %s changed on the way', async (_what, amount, toAccountNo, found) => {
      await connection.query(
        `INSERT INTO ${schemas.bank2}.account_info (account_name, account_no, account_balance) VALUES ('x', '3', 0)`,
      );
      await debit('changed', '10.00');
      await credit('changed', amount, 'CREDITED', toAccountNo);
      expect(await named()).toContain(
        `Transfer changed at bank2 is CREDITED with ${found} and should be 10.00 from 1 to 2, as bank1 sent it (DEBITED), and no foreign senders are declared.`,
      );
    });

    it('names a transfer that was refunded and credited', async () => {
      await debit('both', '10.00', 'REFUNDED');
      await credit('both', '10.00');
      expect(await named()).toEqual([
        'Transfer both at bank1 is REFUNDED with 10.00 from 1 to 2 and should be DEBITED or COMPLETED, because bank2 has CREDITED it.',
        'Both banks and what is in flight have 10010.00 together and should have 10000.00.',
      ]);
    });

    it.each([
      ['COMPLETED', 'CREDITED', 'refused', 'REJECTED with 10.00 from 1 to 2'],
      ['COMPLETED', 'CREDITED', 'unknown', 'nothing'],
      ['REFUNDED', 'REJECTED', 'unknown', 'nothing'],
    ])('names a transfer that is %s at bank1, not %s at bank2 but %s', async (state, due, what, found) => {
      await debit('ended', '10.00', state);
      if (what === 'refused') await credit('ended', '10.00', 'REJECTED');
      const total = 'Both banks and what is in flight have 9990.00 together and should have 10000.00.';
      expect(await named()).toEqual([
        `Transfer ended at bank2 is ${found} and should be ${due} with 10.00 from 1 to 2, because bank1 has ${state} it.`,
        ...(state === 'COMPLETED' ? [total] : []),
      ]);
    });
  });

  describe('while transfers run', () => {
    it('raises no false alarm about rows that move between three snapshots', async () => {
      await debit('completes-between', '1.00');
      await debit('refunded-between', '2.00');
      await debit('completed-between', '4.00');
      await credit('completed-between', '4.00');
      const opened: SnapshotConnection[] = [];
      const books = async (bank: 'bank1' | 'bank2'): Promise<MysqlBooks> => {
        const snapshot = await SnapshotConnection.open(urls[bank], 10_000);
        opened.push(snapshot);
        return new MysqlBooks(snapshot, bank, schemas[bank], 10);
      };
      const bank2 = await books('bank2');
      // Transfers that begin and end between bank2's first snapshot and bank1's …
      await credit('completes-between', '1.00');
      await end('completes-between', 'COMPLETED');
      await credit('refunded-between', '2.00', 'REJECTED');
      await end('refunded-between', 'REFUNDED', '2.00');
      await end('completed-between', 'COMPLETED');
      await debit('new', '8.00');
      await credit('new', '8.00');
      await end('new', 'COMPLETED');
      const bank1 = await books('bank1');
      // … and between bank1's and bank2's second.
      await debit('newer', '16.00');
      await credit('newer', '16.00');
      await end('newer', 'COMPLETED');
      const bank2Later = await books('bank2');
      await debit('newest', '32.00');
      const report = await audit({ bank1, bank2, bank2Later });
      for (const snapshot of opened) snapshot.close();
      expect(report.disagreements.listed).toEqual([]);
      expect(report).toMatchObject({
        agrees: true,
        money: { sent: '13.00', received: '4.00', inFlight: '9.00', missing: '0.00' },
        foreignCredits: { count: 0 },
        transfers: { bank1: 4, bank2: 1 },
      });
    });

    it.each([
      ['one snapshot', oneServer],
      ['three snapshots', twoServers],
    ])('agrees in %s, every time', async (_label, read) => {
      const stopping = new AbortController();
      const traffic = (async () => {
        for (let count = 0; !stopping.signal.aborted; count++) {
          const txNo = `traffic-${count % 7}-${count}`;
          const isRefused = count % 3 === 0;
          await connection.beginTransaction();
          await debit(txNo, '0.01');
          await connection.commit();
          await connection.beginTransaction();
          await credit(txNo, '0.01', isRefused ? 'REJECTED' : 'CREDITED');
          await connection.commit();
          await connection.beginTransaction();
          await end(txNo, isRefused ? 'REFUNDED' : 'COMPLETED', '0.01');
          await connection.commit();
        }
      })();
      const disagreements: Disagreement[] = [];
      let transfersSeen = 0;
      try {
        for (let round = 0; round < 30 || transfersSeen <= 10; round++) {
          const report = await read();
          disagreements.push(...report.disagreements.listed);
          transfersSeen = report.transfers.bank1;
          expect(report.foreignCredits.count).toBe(0);
        }
      } finally {
        stopping.abort();
        await traffic;
      }
      expect(disagreements).toEqual([]);
      expect(transfersSeen).toBeGreaterThan(10);
    });
  });

  it('reads many pages, and lists the first of many disagreements while it counts them all', async () => {
    // 7,000 of each, of which every hundredth is completed at bank1 and unknown to bank2.
    await connection.query('SET SESSION cte_max_recursion_depth = 10000');
    const numbers = 'WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 7000)';
    await connection.query(
      `INSERT INTO ${schemas.bank1}.outgoing_transfer (tx_no, account_no, to_account_no, amount, state)
       ${numbers} SELECT CONCAT('t', i), '1', '2', '0.01', 'COMPLETED' FROM n`,
    );
    await connection.query(
      `INSERT INTO ${schemas.bank2}.incoming_transfer (tx_no, account_no, to_account_no, amount, state)
       ${numbers} SELECT CONCAT('t', i), '1', '2', '0.01', 'CREDITED' FROM n WHERE i % 100 > 0`,
    );
    await add('bank1', '-70.00');
    await add('bank2', '69.30');
    for (const report of [
      await auditOneServer(rootUrl, schemas, { listMax: 5 }),
      await auditTwoServers(urls, { listMax: 5 }),
    ]) {
      expect(report).toMatchObject({
        agrees: false,
        disagreements: { count: 71 },
        transfers: { bank1: 7000, bank2: 6930 },
        money: { inFlight: '0.00', missing: '0.70' },
      });
      expect(report.disagreements.listed.map((it) => it.kind === 'TRANSFER' && it.txNo)).toEqual([
        't100',
        't1000',
        't1100',
        't1200',
        't1300',
      ]);
    }
  });

  describe('when the books cannot be read', () => {
    it.each([
      ['nobody listens', () => auditOneServer('mysql://root@127.0.0.1:1')],
      ['a database is not there', () => auditOneServer(rootUrl, { ...schemas, bank2: 'no_such_bank' })],
      ['an account may not read', () => auditOneServer(urls.bank1, schemas)],
    ])('says so and gives no verdict: %s', async (_what, read) => {
      await expect(read()).rejects.toBeInstanceOf(AuditUnreadableError);
    });

    it('names the address that was tried, and the setting that holds it', async () => {
      const nowhere = 'mysql://root@127.0.0.1:1';
      await expect(auditOneServer(nowhere)).rejects.toThrow('at 127.0.0.1:1 (MYSQL_URL) could');
      const two = { bank1: `${nowhere}/a`, bank2: `${nowhere}/b` };
      const read = auditTwoServers(two, {}, { bank1: 'ONE_URL', bank2: 'OTHER_URL' });
      await expect(read).rejects.toThrow('at 127.0.0.1:1/b (OTHER_URL) could');
    });
  });
});
