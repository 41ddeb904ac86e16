import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { Deadline } from 'txmsg';
import { eventually } from 'txmsg/testing';
import { AtService, createAtDatabase, LockTable } from '../../test/at-service.js';

const TABLES = `
  CREATE TABLE purse (id BIGINT PRIMARY KEY, balance DECIMAL(19,2) NOT NULL, code VARCHAR(20) UNIQUE,
    twice DECIMAL(20,2) GENERATED ALWAYS AS (balance * 2) STORED,
    changed DATETIME(6) NOT NULL DEFAULT '2020-01-02 03:04:05.123456' ON UPDATE CURRENT_TIMESTAMP(6));
  CREATE TABLE derived (id BIGINT PRIMARY KEY, n INT NOT NULL, twice INT GENERATED ALWAYS AS (n * 2) STORED);
  CREATE TABLE \`order\` (\`key\` BIGINT UNSIGNED, \`group\` CHAR(3), n INT, PRIMARY KEY (\`key\`, \`group\`));
  CREATE TABLE every_type (id BIGINT UNSIGNED PRIMARY KEY, t TINYINT, tb TINYINT(1), s SMALLINT UNSIGNED, m MEDIUMINT, i INT UNSIGNED,
    b BIGINT, bu BIGINT UNSIGNED, d DECIMAL(30,10), f FLOAT, db DOUBLE, c CHAR(5), v VARCHAR(50), tx TEXT, lt LONGTEXT,
    e ENUM('x','y'), st SET('p','q'), j JSON, bi BINARY(4), vb VARBINARY(20), bl BLOB, b1 BIT(1), b9 BIT(9),
    da DATE, ti TIME, dt DATETIME(6), dt0 DATETIME, ts TIMESTAMP(3) NULL, latin VARCHAR(20) CHARACTER SET latin1);
`;

const FULL = `INSERT INTO every_type VALUES (18446744073709551615, -128, 1, 65535, -8388608, 4294967295, -9223372036854775808,
  18446744073709551615, -12345678901234567890.0000000012, 0.1, 1e300, 'ab', 'it''s \\\\ "q" ? 漢🙂', 'line\nline', '', 'y', 'p,q',
  '{"a": [1, 2.5, "é", null, true], "n": 12345678901234567}', X'00ff1020', X'', X'0001feff', b'1', b'101010101',
  '1999-12-31', '23:59:59', '2026-11-27 09:10:11.123456', '2000-01-01 00:00:00', '2026-11-27 09:10:11.120', 'naïve')`;

describe('phase two of AT on MySQL', () => {
  let url: string;
  let service: AtService;
  const errors: unknown[] = [];

  beforeAll(async () => {
    jest.spyOn(Logger.prototype, 'error').mockImplementation((entry) => void errors.push(entry));
    url = await createAtDatabase('undo', TABLES);
    service = await AtService.start(url);
  });
  afterAll(async () => {
    await service.close();
    jest.restoreAllMocks();
  });
  beforeEach(async () => {
    for (const table of ['purse', '`order`', 'every_type', 'undo_log'])
      await service.query(`DELETE FROM ${table}`);
    await service.query("INSERT INTO purse (id, balance, code) VALUES (1, 10, 'a'), (2, 20, 'b')");
    service.locks = new LockTable();
    service.faults.clear();
    errors.length = 0;
  });

  // MySQL makes this table anew only when it was not read for 100 ms.
  const lockWaits = async (): Promise<number> => {
    const [row] = await service.query<{ n: string }>(
      "SELECT COUNT(*) AS n FROM information_schema.INNODB_TRX WHERE trx_state = 'LOCK WAIT'",
    );
    return Number(row?.n);
  };
  const purses = () => service.query('SELECT * FROM purse ORDER BY id');
  const everything = () =>
    service.query('SELECT t.*, HEX(bi) h1, HEX(bl) h2, b1 + 0, b9 + 0, CAST(dt AS CHAR) x FROM every_type t');

  it('deletes the undo logs of branches that commit at once by one statement, and says DONE after it', async () => {
    for (const id of [1, 2]) await service.branch(['UPDATE purse SET balance = 0 WHERE id = ?', [id]]);
    await service.branch(['INSERT INTO purse (id, balance) VALUES (3, 30)']);
    const [first, second, third] = service.locks.branches;
    const batches: unknown[] = [];
    service.faults.on('commit-deleted', ({ txNo, txNos }) => void batches.push(txNos ?? txNo));
    expect(await Promise.all([service.commit(first), service.commit(second)])).toEqual(['DONE', 'DONE']);
    expect(batches).toEqual([[first?.xid, second?.xid]]);
    expect(await service.undoLogs()).toEqual([0]);
    expect(await service.commit(first)).toBe('DONE');
    expect(await service.rollback(third)).toBe('DONE');
    expect((await purses()).map(({ balance }) => balance)).toEqual(['0.00', '0.00']);
  });

  it('puts back what was updated, inserted and deleted, in reverse order', async () => {
    const before = await purses();
    await service.branch(
      ['UPDATE purse SET balance = balance - 1 WHERE id = 1'],
      ['UPDATE purse SET balance = balance - 1, code = NULL WHERE id = 1'],
      ["INSERT INTO purse (id, balance, code) VALUES (3, 1, 'a'), (4, 2, 'd')"],
      ['DELETE FROM purse WHERE id = 2'],
      ["INSERT INTO purse (id, balance, code) VALUES (2, 99, 'b')"],
      ['UPDATE purse SET balance = 5 WHERE id = 2'],
      ['DELETE FROM purse WHERE balance < ?', [2]],
    );
    expect(await service.rollback()).toBe('DONE');
    expect(await purses()).toEqual(before);
    expect(await service.undoLogs()).toEqual([1]);
    expect(await service.rollback()).toBe('DONE');
  });

  it('puts back unique values that one statement has moved along', async () => {
    await service.query('UPDATE purse SET code = id');
    await service.branch(['UPDATE purse SET code = code + 1 WHERE id <= 2 ORDER BY id DESC']);
    expect(await service.rollback()).toBe('DONE');
    expect((await purses()).map(({ code }) => code)).toEqual(['1', '2']);
  });

  it('finds rows by a composite key with names that are words of SQL', async () => {
    await service.query("INSERT INTO `order` VALUES (18446744073709551615, 'abc', 1), (1, 'abc', 2)");
    await service.branch(
      ['UPDATE `order` SET n = n + 1 WHERE `key` = ? AND `group` = ?', ['18446744073709551615', 'abc']],
      ['DELETE FROM `order` WHERE `key` = 1'],
    );
    expect(service.last().lockKey).toBe('order:18446744073709551615_abc,1_abc');
    expect(await service.rollback()).toBe('DONE');
    expect(await service.query('SELECT n FROM `order` ORDER BY n')).toEqual([{ n: 1 }, { n: 2 }]);
  });

  it('loses no digit of any type', async () => {
    await service.query(FULL);
    await service.query('INSERT INTO every_type (id) VALUES (1)');
    const before = await everything();
    expect(before).toHaveLength(2);
    await service.branch(['DELETE FROM every_type WHERE id > 0']);
    expect(await everything()).toEqual([]);
    expect(await service.rollback()).toBe('DONE');
    expect(await everything()).toEqual(before);
    const all =
      "t=0, tb=0, s=1, m=1, i=1, b=1, bu=1, d=1, f=2, db=2, c=?, v=?, tx=?, lt=?, e=?, st=?, j=?, bi=?, vb=?, bl=?, b1=b'0', b9=b'0'";
    await service.branch([
      `UPDATE every_type SET ${all}, da='2001-01-01', ti='00:00:00', dt='2001-01-01', dt0=NULL, ts=NULL, latin='x'`,
      ['c', 'v', 't', 'l', 'x', 'p', '{}', 'abcd', 'v', 'b'],
    ]);
    expect(await service.rollback()).toBe('DONE');
    expect(await everything()).toEqual(before);
    await service.query('DELETE FROM every_type');
    await service.branch([FULL]);
    expect(await service.rollback()).toBe('DONE');
    expect(await everything()).toEqual([]);
  });

  it('works in the time zone of the JVMs too', async () => {
    const shanghai = await AtService.start(url, { javaTimeZone: 'Asia/Shanghai' });
    try {
      await shanghai.query(FULL);
      const before = await everything();
      await shanghai.branch(['DELETE FROM every_type WHERE id > 0']);
      const [log] = await shanghai.query<{ rollback_info: Buffer }>('SELECT rollback_info FROM undo_log');
      // Midnight of 1999-12-31 there, and the same moment for TIMESTAMP everywhere.
      expect(log?.rollback_info.toString()).toContain(
        `["java.sql.Date",${Date.parse('1999-12-31T00:00+08:00')}]`,
      );
      expect(log?.rollback_info.toString()).toContain(
        `["java.sql.Timestamp",${Date.parse('2026-11-27T09:10:11.120Z')}]`,
      );
      expect(await shanghai.rollback()).toBe('DONE');
      expect(await everything()).toEqual(before);
    } finally {
      await shanghai.close();
    }
  });

  it.each([
    ['INSERT INTO every_type (id, tb) VALUES (5, 7)', /0 or 1/],
    ["INSERT INTO every_type (id, ti) VALUES (5, '100:00:00')", /one day/],
    ["INSERT INTO every_type (id, da) VALUES (5, '1492-10-12')", /before 1900/],
    ["INSERT INTO every_type (id, j) VALUES (5, JSON_OBJECT('t', NOW()))", /JSON/],
    // Equal to the double that its text becomes, which is written as 2.2.
    ["INSERT INTO every_type (id, j) VALUES (5, JSON_OBJECT('d', CAST(2.20 AS DECIMAL(19,2))))", /JSON/],
  ])('refuses %s, which could not be put back', async (sql, reason) => {
    await expect(service.branch([sql])).rejects.toThrow(reason);
    expect(await everything()).toEqual([]);
  });

  it('never overwrites what others have changed, and says what a person must do', async () => {
    await service.branch(['UPDATE purse SET balance = 0 WHERE id <= 2']);
    await service.query('UPDATE purse SET balance = 77 WHERE id = 2');
    expect(await service.rollback()).toBe('NEVER');
    expect((await purses()).map(({ balance }) => balance)).toEqual(['0.00', '77.00']);
    expect(await service.undoLogs()).toEqual([0]);
    expect(errors).toMatchObject([
      {
        table: 'purse',
        key: '["2"]',
        columns: ['balance'],
        cause: expect.stringMatching(/by hand/),
      },
    ]);
  });

  it('lets others change columns that the branch has not', async () => {
    await service.branch(['UPDATE purse SET balance = 0 WHERE id <= 2']);
    await service.query("UPDATE purse SET code = 'z' WHERE id = 1");
    const [moved] = await purses();
    expect(await service.rollback()).toBe('DONE');
    const [first, second] = await purses();
    // The time at which others have changed the row is theirs, that of the branch is rolled back.
    expect(first).toEqual({ ...moved, balance: '10.00', twice: '20.00' });
    expect(second).toMatchObject({ balance: '20.00', changed: new Date('2020-01-02T03:04:05.123Z') });
  });

  it.each([
    ['DELETE FROM purse WHERE id = 1', 'INSERT INTO purse (id, balance) VALUES (1, 3)'],
    ['INSERT INTO purse (id, balance) VALUES (3, 3)', 'UPDATE purse SET balance = 4 WHERE id = 3'],
    ['UPDATE purse SET balance = 0 WHERE id = 1', 'DELETE FROM purse WHERE id = 1'],
    ['INSERT INTO purse (id, balance) VALUES (3, 3)', 'DELETE FROM purse WHERE id = 3'],
    ['DELETE FROM purse WHERE id = 1', "INSERT INTO purse (id, balance, code) VALUES (9, 3, 'a')"],
  ])('does not roll back %s after %s by others', async (statement, others) => {
    await service.branch([statement]);
    await service.query(others);
    const left = await purses();
    expect(await service.rollback()).toBe('NEVER');
    expect(await purses()).toEqual(left);
    expect(errors).toHaveLength(1);
  });

  it('does not roll back a row that others have set to its old value: both changes were meant', async () => {
    await service.branch(['UPDATE purse SET balance = balance - 20 WHERE id = 2']);
    await service.query('UPDATE purse SET balance = balance + 20 WHERE id = 2');
    expect(await service.rollback()).toBe('NEVER');
    expect((await purses()).map(({ balance }) => balance)).toEqual(['10.00', '20.00']);
    expect(errors).toMatchObject([{ key: '["2"]', columns: ['balance'] }]);
  });

  it('takes back two branches of one row, also when the earlier one is named first', async () => {
    const global = service.global();
    const before = await purses();
    for (const amount of [1, 2]) {
      await service.run(global, (manager) =>
        manager.query('UPDATE purse SET balance = balance - ? WHERE id = 1', [amount]),
      );
    }
    const [first, second] = service.locks.branches;
    expect(await service.rollback(first)).toBe('DONE');
    expect(await purses()).toEqual(before);
    expect(await service.undoLogs()).toEqual([1, 1]);
    expect(await service.rollback(second)).toBe('DONE');
    expect(await purses()).toEqual(before);
  });

  describe('of a global transaction with several branches', () => {
    const balances = async (): Promise<unknown[]> => (await purses()).map(({ balance }) => balance);

    beforeEach(async () => {
      const global = service.global();
      for (const id of [1, 2]) {
        await service.run(global, (manager) =>
          manager.query('UPDATE purse SET balance = 0 WHERE id = ?', [id]),
        );
      }
    });

    it('goes on after those that were rolled back, when a request does not come to its end', async () => {
      let begun = 0;
      service.faults.on('rollback-executed', ({ dropConnection }) => {
        begun += 1;
        if (begun === 2) dropConnection?.();
      });
      const [first] = service.locks.branches;
      await expect(service.rollback(first)).rejects.toThrow();
      expect(await balances()).toEqual(['0.00', '20.00']);
      expect(await service.undoLogs()).toEqual([0, 1]);
      service.faults.clear();
      expect(await service.rollback(first)).toBe('DONE');
      expect(await balances()).toEqual(['10.00', '20.00']);
      expect(await service.undoLogs()).toEqual([1, 1]);
    });

    it('says DONE of the branch that is rolled back, when an earlier one cannot be', async () => {
      await service.query('UPDATE purse SET balance = 77 WHERE id = 1');
      const [first, second] = service.locks.branches;
      expect(await service.rollback(second)).toBe('DONE');
      expect(errors).toEqual([]);
      expect(await service.rollback(first)).toBe('NEVER');
      expect(errors).toMatchObject([{ table: 'purse', key: '["1"]', branchId: String(first?.branchId) }]);
      expect(await balances()).toEqual(['77.00', '20.00']);
      expect(await service.undoLogs()).toEqual([0, 1]);
    });

    it('takes back no branch before a later one', async () => {
      await service.query('UPDATE purse SET balance = 77 WHERE id = 2');
      const [first] = service.locks.branches;
      expect(await service.rollback(first)).toBe('NEVER');
      expect(await balances()).toEqual(['0.00', '77.00']);
      expect(await service.undoLogs()).toEqual([0, 0]);
    });

    it('takes back each of them once, when all are asked for at once', async () => {
      const [first, second] = service.locks.branches;
      const answers = await Promise.all([first, second, first].map((branch) => service.rollback(branch)));
      expect(answers).toEqual(['DONE', 'DONE', 'DONE']);
      expect(await balances()).toEqual(['10.00', '20.00']);
    });
  });

  it('takes back a statement that has assigned to a generated column alone', async () => {
    await service.query('INSERT INTO derived (id, n) VALUES (1, 5)');
    await service.branch(['UPDATE derived SET twice = DEFAULT WHERE id = 1']);
    expect(await service.rollback()).toBe('DONE');
    expect(await service.query('SELECT n, twice FROM derived')).toEqual([{ n: 5, twice: 10 }]);
    await service.query('DELETE FROM derived');
  });

  it.each(['executed', 'undo-written'])(
    'does not take a later branch of its own global transaction, whose phase one is at "%s", for others',
    async (step) => {
      const global = service.global();
      const change = (balance: number): Promise<unknown> =>
        service.run(global, (manager) =>
          manager.query('UPDATE purse SET balance = ? WHERE id = 1', [balance]),
        );
      await change(1);
      const first = service.last();
      let answer: Promise<unknown> | undefined;
      service.faults.on(step, async () => {
        answer = service.rollback(first).catch((error: unknown) => error);
        await eventually(async () => (await lockWaits()) > 0, { intervalMs: 150, timeoutMs: 10_000 });
      });
      await change(2);
      service.faults.clear();
      expect(await answer).not.toBe('NEVER');
      expect(await service.rollback(first)).toBe('DONE');
      expect(await service.rollback(service.last())).toBe('DONE');
      expect((await purses()).map(({ balance }) => balance)).toEqual(['10.00', '20.00']);
    },
  );

  it.each(['begun', 'before-image', 'executed', 'registered', 'undo-written', 'before-commit'])(
    'has nothing left to take back when the connection is lost at "%s" of phase one',
    async (step) => {
      const before = await purses();
      service.faults.on(step, ({ dropConnection }) => dropConnection?.());
      await expect(service.branch(['UPDATE purse SET balance = 0 WHERE id = 1'])).rejects.toThrow();
      for (const branch of service.locks.branches) expect(await service.rollback(branch)).toBe('DONE');
      expect(await purses()).toEqual(before);
      expect((await service.undoLogs()).filter((status) => status !== 1)).toEqual([]);
    },
  );

  it.each(['rollback-begun', 'rollback-executed', 'rollback-before-commit'])(
    'takes back once, when the connection is lost at "%s" and the coordinator asks again',
    async (step) => {
      const before = await purses();
      await service.branch(['UPDATE purse SET balance = 0 WHERE id = 1'], ['DELETE FROM purse WHERE id = 2']);
      service.faults.on(step, ({ dropConnection }) => dropConnection?.());
      await expect(service.rollback()).rejects.toThrow();
      service.faults.clear();
      expect(await service.rollback()).toBe('DONE');
      expect(await purses()).toEqual(before);
    },
  );

  it('conserves what many callers move at once, whether they commit or are rolled back', async () => {
    await service.query('UPDATE purse SET balance = 1000');
    const patient = await AtService.start(url, { attemptsMax: 500, retryPauseMs: 1, retryPauseMaxMs: 20 });
    try {
      const move = async (number: number): Promise<number> => {
        const [from, to] = number % 2 === 0 ? [1, 2] : [2, 1];
        const global = patient.global(60_000);
        await patient.run(global, async (manager) => {
          const rows = await manager.query<{ id: string; balance: string }[]>(
            'SELECT id, balance FROM purse WHERE id IN (1, 2) FOR UPDATE',
          );
          const balance = Number(rows.find(({ id }) => Number(id) === from)?.balance);
          await manager.query('UPDATE purse SET balance = ? WHERE id = ?', [balance - number, from]);
          await manager.query('UPDATE purse SET balance = balance + ? WHERE id = ?', [number, to]);
        });
        const branch = patient.locks.branches.find(({ xid }) => xid === global.xid);
        const isCommitted = number % 3 !== 0;
        expect(await (isCommitted ? patient.commit(branch) : patient.rollback(branch))).toBe('DONE');
        return isCommitted ? (from === 1 ? -number : number) : 0;
      };
      const moved = await Promise.all(Array.from({ length: 32 }, (_value, index) => move(index + 1)));
      const total = moved.reduce((sum, one) => sum + one, 0);
      expect((await purses()).map(({ balance }) => Number(balance))).toEqual([1000 + total, 1000 - total]);
      expect((await patient.undoLogs()).every((status) => status === 1)).toBe(true);
    } finally {
      await patient.close();
    }
  });

  it('leaves a marker for a branch that has not come, which keeps it from coming', async () => {
    await service.branch(['UPDATE purse SET balance = 0 WHERE id = 1']);
    const unknown = { ...service.last(), xid: 'h:1:99', branchId: 5n };
    expect(await service.rollback(unknown)).toBe('DONE');
    expect(await service.rollback(unknown)).toBe('DONE');
    expect(await service.undoLogs()).toEqual([0, 1]);
    expect(await service.probe.read('h:1:99', 5n, Deadline.in(5000))).toBe('MARKER');
    expect(await service.probe.read('h:1:99', 6n, Deadline.in(5000))).toBe('NONE');
  });

  it.each([
    ['no JSON', '{"@class":', /no JSON/],
    ['another branch', '{"xid":"x","branchId":1,"sqlUndoLogs":["l",[]]}', /belongs to branch/],
    ['nothing', '', /no JSON/],
    ['no UTF-8', Buffer.from([0xff, 0xfe]), /no JSON/],
  ])('gives up an undo log that is %s, once and loudly', async (_what, content, problem) => {
    await service.branch(['UPDATE purse SET balance = 0 WHERE id = 1']);
    await service.query('UPDATE undo_log SET rollback_info = ?', [Buffer.from(content)]);
    expect(await service.rollback()).toBe('NEVER');
    expect((await purses())[0]).toMatchObject({ balance: '0.00' });
    expect(errors).toMatchObject([{ cause: expect.stringMatching(problem) }]);
  });

  it('waits while the table has a trigger, which may go again', async () => {
    await service.query('CREATE TABLE migrated (id INT PRIMARY KEY, n INT)');
    await service.query('INSERT INTO migrated VALUES (1, 1)');
    await service.branch(['UPDATE migrated SET n = 2']);
    await service.query('CREATE TRIGGER copies BEFORE UPDATE ON migrated FOR EACH ROW SET NEW.n = NEW.n');
    await expect(service.rollback()).rejects.toThrow(/trigger/);
    await service.query('DROP TRIGGER copies');
    expect(await service.rollback()).toBe('DONE');
    expect(await service.query('SELECT n FROM migrated')).toEqual([{ n: 1 }]);
  });

  it('ends a branch only with the later ones of its global transaction, whose rows are locked for it', async () => {
    const global = service.global();
    const debit = (): Promise<void> =>
      service.run(global, async (manager) => {
        await manager.query('UPDATE purse SET balance = 0 WHERE id = 1');
      });
    service.faults.on('undo-written', () => {
      throw new Error('the first try fails');
    });
    await expect(debit()).rejects.toThrow('the first try fails');
    service.faults.clear();
    await debit();
    const [first] = service.locks.branches;
    let transactions = 0;
    service.faults.on('rollback-executed', () => {
      transactions += 1;
      // The first one is that of the marker.
      if (transactions === 2) throw new Error('the database goes away');
    });
    await expect(service.rollback(first)).rejects.toThrow('the database goes away');
    expect(await service.rollback(first)).toBe('DONE');
    expect((await purses()).map(({ balance }) => balance)).toEqual(['10.00', '20.00']);
  });

  it('gives up when the table was altered, and leaves to Java what Java alone can read', async () => {
    await service.query('CREATE TABLE altered (id INT PRIMARY KEY, n INT)');
    await service.query('INSERT INTO altered VALUES (1, 1)');
    await service.branch(['UPDATE altered SET n = 2']);
    await service.query("UPDATE undo_log SET context = 'serializer=kryo&compressorType=NONE'");
    expect(await service.rollback()).toBe('RETRY');
    await service.query("UPDATE undo_log SET context = 'serializer=jackson&compressorType=NONE'");
    await service.query('ALTER TABLE altered MODIFY n VARCHAR(10)');
    expect(await service.rollback()).toBe('NEVER');
    expect(errors.at(-1)).toMatchObject({ cause: expect.stringMatching(/altered.n is varchar/) });
  });

  it('purges old markers and no undo log', async () => {
    await service.branch(['UPDATE purse SET balance = 0 WHERE id = 1']);
    await service.rollback({ ...service.last(), xid: 'h:1:1' });
    await service.rollback({ ...service.last(), xid: 'h:1:2' });
    await service.query("UPDATE undo_log SET log_created = '2020-01-01' WHERE xid <> 'h:1:2'");
    // One of the two clocks is wrong; if it is the database's, these rows only look old.
    const clock = jest.spyOn(Date, 'now').mockReturnValue(Date.now() - 86_400_000);
    await service.resource.purge();
    expect(await service.undoLogs()).toEqual([0, 1, 1]);
    clock.mockRestore();
    await service.resource.purge();
    expect(await service.undoLogs()).toEqual([0, 1]);
  });
});
