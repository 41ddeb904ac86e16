import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { CommitOutcomeUnknownError, Deadline, TransactionOverError } from 'txmsg';
import { EntitySchema } from 'typeorm';
import { MysqlProxy } from 'txmsg/testing';
import { AtService, createAtDatabase, LockTable } from '../../test/at-service.js';
import { openSeataDatabase } from '../../test/seata-database.js';
import type { AtEntityManager } from './phase-one/at-entity-manager.js';
import {
  CoordinatorTimeoutError,
  GlobalLockConflictError,
  GlobalTransactionOverError,
  NoGlobalTransactionError,
} from '../errors/index.js';
import {
  AtConflictError,
  AtStatementRefusedError,
  AtTooLargeError,
  AtValueRefusedError,
} from '../errors/at.errors.js';

const TABLES = `
  CREATE TABLE purse (id BIGINT PRIMARY KEY, balance DECIMAL(19,2) NOT NULL, note VARCHAR(40), version INT NOT NULL DEFAULT 0,
    changed DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6));
  CREATE TABLE ticket (id INT PRIMARY KEY AUTO_INCREMENT, name VARCHAR(40) UNIQUE, kind ENUM('a','b') NOT NULL DEFAULT 'a');
  CREATE TABLE label (code VARCHAR(20) COLLATE utf8mb4_bin PRIMARY KEY, n INT NOT NULL);
  CREATE TABLE pair (a VARCHAR(20), b INT, n INT, PRIMARY KEY (a, b));
  CREATE TABLE keyless (n INT);
  CREATE TABLE watched (id INT PRIMARY KEY, n INT);
  CREATE TRIGGER watched_update BEFORE UPDATE ON watched FOR EACH ROW SET NEW.n = NEW.n + 1;
  CREATE TABLE parent (id INT PRIMARY KEY);
  CREATE TABLE child (id INT PRIMARY KEY, parent INT, FOREIGN KEY (parent) REFERENCES parent (id) ON DELETE CASCADE);
  CREATE TABLE padded (id INT PRIMARY KEY, n INT(5) ZEROFILL);
  CREATE TABLE padded_key (id DECIMAL(5,0) ZEROFILL PRIMARY KEY, n INT);
  CREATE TABLE \`a.b\` (id INT PRIMARY KEY, n INT);
  CREATE TABLE place (id INT PRIMARY KEY, at_point POINT, year_of YEAR);
  CREATE VIEW purse_view AS SELECT * FROM purse;
  CREATE FUNCTION stored_one() RETURNS INT DETERMINISTIC NO SQL RETURN 1;
`;

interface Ticket {
  id: number;
  name: string;
  kind: string;
}

const TicketSchema = new EntitySchema<Ticket>({
  name: 'Ticket',
  tableName: 'ticket',
  columns: {
    id: { type: 'int', primary: true, generated: 'increment' },
    name: { type: 'varchar' },
    kind: { type: 'varchar', default: 'a' },
  },
});

describe('phase one of AT on MySQL', () => {
  let proxy: MysqlProxy;
  let service: AtService;

  beforeAll(async () => {
    jest.spyOn(Logger.prototype, 'error').mockImplementation(() => undefined);
    proxy = await MysqlProxy.start(await createAtDatabase('at', TABLES));
    service = await AtService.start(proxy.url, { entities: [TicketSchema], retryPauseMs: 1 });
  });
  afterAll(async () => {
    await service.close();
    await proxy.close();
    jest.restoreAllMocks();
  });
  beforeEach(async () => {
    for (const table of ['purse', 'ticket', 'pair', 'label', 'undo_log'])
      await service.query(`DELETE FROM ${table}`);
    await service.query("INSERT INTO purse (id, balance, note) VALUES (1, 10, 'one'), (2, 20, 'two')");
    service.locks = new LockTable();
    service.faults.clear();
  });

  const balances = async (): Promise<unknown[]> =>
    (await service.query('SELECT balance FROM purse ORDER BY id')).map(({ balance }) => balance);

  it('commits the change with an undo log, under the locks of its rows', async () => {
    const global = await service.branch([
      'UPDATE purse SET balance = balance - ?, version = version + 1 WHERE id IN (?, ?)',
      ['2.50', 1, 2],
    ]);
    expect(await balances()).toEqual(['7.50', '17.50']);
    expect(service.locks.branches).toMatchObject([
      { xid: global.xid, branchType: 'AT', lockKey: 'purse:1,2' },
    ]);
    expect(service.last().resourceId).toMatch(/^jdbc:mysql:\/\/127\.0\.0\.1:\d+\/seata_at_/);
    expect(await service.undoLogs()).toEqual([0]);
    expect(global.ownBranches.all).toHaveLength(1);
  });

  it.each([
    'UPDATE purse SET balance = 0 WHERE id = 1',
    'UPDATE purse SET balance = 0 WHERE id = 1 -- by hand',
    'DELETE FROM purse WHERE id = 1 # by hand',
  ])('keeps others from its rows between the before image and %s', async (sql) => {
    const other = await openSeataDatabase(proxy.url);
    try {
      await other.query('SET innodb_lock_wait_timeout = 1');
      let outcome: unknown;
      service.faults.on('before-image', async () => {
        const update = other.query('UPDATE purse SET balance = balance + 1 WHERE id = 1');
        outcome = await update.catch((error: unknown) => error);
      });
      await service.branch([sql]);
      expect(outcome).toMatchObject({ errno: 1205 });
    } finally {
      await other.end();
    }
    expect(await service.rollback()).toBe('DONE');
    expect(await balances()).toEqual(['10.00', '20.00']);
  });

  it('makes no branch of a work that changes nothing', async () => {
    const global = service.global();
    const rows = await service.run(global, async (manager) => {
      await manager.query('UPDATE purse SET balance = 0 WHERE id = ?', [99]);
      return manager.query<unknown[]>('SELECT id FROM purse ORDER BY id FOR UPDATE');
    });
    expect(rows).toEqual([{ id: '1' }, { id: '2' }]);
    expect(service.locks.branches).toEqual([]);
    expect(await service.undoLogs()).toEqual([]);
  });

  it('names rows by AUTO_INCREMENT, and by composite keys', async () => {
    await service.branch(
      ['INSERT INTO ticket (name) VALUES (?), (?)', ['x', 'y']],
      ['INSERT INTO pair VALUES (?, 7, 1)', ['k']],
    );
    const ids = (await service.query('SELECT id FROM ticket ORDER BY id')).map(({ id }) => id);
    expect(service.last().lockKey).toBe(`ticket:${ids.join(',')};pair:k_7`);
  });

  it("carries out what TypeORM's repositories do", async () => {
    const global = service.global();
    await service.run(global, async (manager) => {
      const tickets = manager.getRepository(TicketSchema);
      const saved = await tickets.save({ name: 'first' });
      const found = await tickets.findOneOrFail({
        where: { id: saved.id },
        lock: { mode: 'pessimistic_write' },
      });
      await tickets.save({ ...found, name: 'renamed' });
      await tickets.insert([{ name: 'second' }, { name: 'third' }]);
      await tickets.delete({ name: 'second' });
    });
    const names = async (): Promise<unknown[]> =>
      (await service.query('SELECT name FROM ticket ORDER BY id')).map(({ name }) => name);
    expect(await names()).toEqual(['renamed', 'third']);
    expect(await service.rollback()).toBe('DONE');
    expect(await names()).toEqual([]);
  });

  it('forgets what a nested transaction has rolled back', async () => {
    const global = service.global();
    await service.run(global, async (manager) => {
      await manager.query('UPDATE purse SET balance = 5 WHERE id = 1');
      await manager
        .transaction(async (nested) => {
          await nested.query('UPDATE purse SET balance = 6 WHERE id = 2');
          throw new Error('only this part');
        })
        .catch(() => undefined);
      await manager.transaction((nested) => nested.query("UPDATE purse SET note = 'n' WHERE id = 1"));
    });
    expect(service.last().lockKey).toBe('purse:1');
    expect(await balances()).toEqual(['5.00', '20.00']);
    expect(await service.rollback()).toBe('DONE');
    expect(await balances()).toEqual(['10.00', '20.00']);
  });

  it('begins no nested transaction while a statement is under way, whose change would belong to either side of it', async () => {
    const around = service.run(service.global(), async (manager) => {
      const unawaited = manager.query('UPDATE purse SET balance = 5 WHERE id = 1');
      await manager.transaction((nested) => nested.query("UPDATE purse SET note = 'n' WHERE id = 2"));
      await unawaited;
    });
    await expect(around).rejects.toThrow(/still running/);
    expect(await balances()).toEqual(['10.00', '20.00']);
    expect(service.locks.branches).toEqual([]);
  });

  it('carries out nothing of what a nested transaction has not awaited', async () => {
    let late: unknown;
    await service.run(service.global(), async (manager) => {
      await manager
        .transaction((nested) => {
          nested.query('UPDATE purse SET balance = 6 WHERE id = 2').catch((error: unknown) => (late = error));
          return Promise.reject(new Error('only this part'));
        })
        .catch(() => undefined);
      await manager.query('UPDATE purse SET balance = 5 WHERE id = 1');
    });
    expect(late).toBeInstanceOf(Error);
    expect(await balances()).toEqual(['5.00', '20.00']);
    expect(service.last().lockKey).toBe('purse:1');
    expect(await service.rollback()).toBe('DONE');
    expect(await balances()).toEqual(['10.00', '20.00']);
  });

  it('keeps the images of statements apart that were called at once', async () => {
    const global = service.global();
    await service.run(global, (manager) =>
      Promise.all([1, 2, 3].map(() => manager.query('UPDATE purse SET balance = balance + 1 WHERE id = 1'))),
    );
    expect(await balances()).toEqual(['13.00', '20.00']);
    const [log] = await service.query<{ rollback_info: Buffer }>('SELECT rollback_info FROM undo_log');
    const images = log?.rollback_info.toString().match(/(?<=BigDecimal",)[\d.]+/g);
    expect(images).toEqual(['10.00', '11.00', '11.00', '12.00', '12.00', '13.00']);
    expect(await service.rollback()).toBe('DONE');
    expect(await balances()).toEqual(['10.00', '20.00']);
  });

  it.each([
    ['UPDATE purse p JOIN pair q ON p.id = q.b SET p.balance = 0', /more than one table/],
    ['UPDATE purse SET balance = (SELECT 1) WHERE id = 1', /subquery/],
    ['UPDATE purse SET balance = 0 WHERE id IN (SELECT b FROM pair)', /subquery/],
    ['UPDATE purse SET balance = 0 WHERE balance > RAND()', /RAND\(\) chooses its rows/],
    ['UPDATE purse SET balance = stored_one() WHERE id = 1', /STORED_ONE\(\)/],
    ['SELECT stored_one()', /STORED_ONE\(\)/],
    ['UPDATE purse SET id = 3 WHERE id = 1', /primary key/],
    ['UPDATE purse SET balance = 0 LIMIT 1', /with LIMIT/],
    ['UPDATE purse SET balance = 0 WHERE balance > 1 ORDER BY id LIMIT 1', /with LIMIT/],
    ['DELETE FROM purse ORDER BY id LIMIT 1', /with LIMIT/],
    ['DELETE FROM label WHERE code = 5 LIMIT 1', /with LIMIT/],
    ['SELECT * FROM label WHERE code = 5 LIMIT 1 FOR UPDATE', /LIMIT without ORDER BY/],
    ['UPDATE purse SET balance = 0 WHERE changed < UTC_TIMESTAMP', /UTC_TIMESTAMP\(\) chooses its rows/],
    ['DELETE FROM purse WHERE id = @@session.auto_increment_increment', /variable/],
    ['SELECT * FROM purse ORDER BY balance LIMIT 1 FOR UPDATE', /LIMIT without ORDER BY/],
    ['INSERT INTO padded VALUES (1, 5)', /zerofill/],
    ['UPDATE padded SET n = 6 WHERE id = 1', /zerofill/],
    ['UPDATE padded_key SET n = 6 WHERE id = 1', /zerofill/],
    ['UPDATE `a.b` SET n = 6 WHERE id = 1', /its name/],
    ['REPLACE INTO purse (id, balance) VALUES (1, 0)', /REPLACE/],
    ['INSERT INTO purse (id, balance) SELECT 3, 1', /VALUES/],
    ['INSERT INTO purse (id, balance) VALUES (1, 0) ON DUPLICATE KEY UPDATE balance = 0', /ON DUPLICATE/],
    ['INSERT IGNORE INTO purse (id, balance) VALUES (1, 0)', /IGNORE/],
    ['INSERT INTO pair VALUES (UUID(), 1, 1)', /not known before it runs/],
    ['INSERT INTO pair VALUES (007, 1, 1)', /not known before it runs/],
    ['DELETE FROM keyless', /no primary key/],
    ['UPDATE watched SET n = 1 WHERE id = 1', /trigger/],
    ['DELETE FROM parent WHERE id = 1', /foreign key/],
    ['DELETE FROM place WHERE id = 1', /point/],
    ['UPDATE purse_view SET balance = 0 WHERE id = 1', /view/],
    ['UPDATE mysql.user SET user = 1 WHERE user = 2', /database "mysql"/],
    ['UPDATE nothing SET n = 0', /no table/],
    ['UPDATE purse SET colour = 0 WHERE id = 1', /no column/],
    ['SELECT * FROM purse FOR SHARE', /shared lock/],
    ['SELECT COUNT(*) FROM purse FOR UPDATE', /one by one/],
    ['SELECT * FROM (SELECT * FROM purse FOR UPDATE) q', /locks rows/],
    ['SELECT * FROM purse, pair FOR UPDATE', /more than one table/],
    ['SELECT * FROM purse FOR UPDATE SKIP LOCKED', /SKIP LOCKED/],
    ['TRUNCATE TABLE purse', /none of SELECT/],
    ['LOCK TABLES purse WRITE', /none of SELECT/],
    ['SET @a = 1', /none of SELECT/],
    ['ALTER TABLE purse ADD x INT', /none of SELECT/],
    ['CALL something()', /none of SELECT/],
    ['UPDATE purse SET balance = @a := 5 WHERE id = 1', /variable/],
    ['UPDATE purse SET balance = 0 /*!80000 , version = 9 */ WHERE id = 1', /executable comment/],
    ['SELECT 1; DELETE FROM purse', /exactly one statement/],
    ['UPDATE purse SET', /not understood/],
  ])('refuses %s before it runs', async (sql, rule) => {
    const refused = service.branch([sql]);
    await expect(refused).rejects.toBeInstanceOf(AtStatementRefusedError);
    await expect(refused).rejects.toThrow(rule);
    expect(await balances()).toEqual(['10.00', '20.00']);
    expect(service.locks.branches).toEqual([]);
  });

  it('refuses parameters that are no values', async () => {
    for (const parameter of [{ id: 1 }, [{ id: 1 }], { toSqlString: () => '1 OR 1' }]) {
      const refused = service.branch(['DELETE FROM purse WHERE id = ?', [parameter]]);
      await expect(refused).rejects.toThrow(/parameter 1/);
    }
    expect(await balances()).toEqual(['10.00', '20.00']);
  });

  it.each(['a,b', 'a;b', 'a:b', 'a_b', ''])(
    'refuses the key "%s", which would lock another row',
    async (key) => {
      await expect(service.branch(['INSERT INTO pair VALUES (?, 1, 1)', [key]])).rejects.toBeInstanceOf(
        AtValueRefusedError,
      );
      expect(await service.query('SELECT * FROM pair')).toEqual([]);
    },
  );

  it('refuses to delete a row with 0 in an AUTO_INCREMENT column, which would come back with another number', async () => {
    await service.query("INSERT INTO ticket (id, name) VALUES (7, 'zero')");
    await service.query('UPDATE ticket SET id = 0 WHERE id = 7');
    await expect(service.branch(['DELETE FROM ticket WHERE id = 0'])).rejects.toThrow(AtValueRefusedError);
    await service.branch(["UPDATE ticket SET name = 'nought' WHERE id = 0"]);
    expect(await service.rollback()).toBe('DONE');
    expect(await service.query('SELECT id, name FROM ticket')).toEqual([{ id: 0, name: 'zero' }]);
  });

  it('changes one row by its key and LIMIT', async () => {
    await service.branch(['UPDATE purse SET balance = 1 WHERE id = 1 LIMIT 1']);
    expect(service.last().lockKey).toBe('purse:1');
    expect(await service.rollback()).toBe('DONE');
    expect(await balances()).toEqual(['10.00', '20.00']);
  });

  it('changes one row by a key of text and LIMIT, though others are the same number', async () => {
    await service.query("INSERT INTO label VALUES ('5', 1), ('05', 2)");
    await service.branch(['UPDATE label SET n = n + 10 WHERE code = ? LIMIT 1', ['5']]);
    expect(service.last().lockKey).toBe('label:5');
    const refused = service.branch(['UPDATE label SET n = n + 10 WHERE code = ? LIMIT 1', [5]]);
    await expect(refused).rejects.toThrow(/with LIMIT/);
    expect(await service.rollback()).toBe('DONE');
    expect(await service.query('SELECT code, n FROM label ORDER BY n')).toEqual([
      { code: '5', n: 1 },
      { code: '05', n: 2 },
    ]);
  });

  it('refuses more rows than an image may have', async () => {
    const small = await AtService.start(proxy.url, { imageRowsMax: 1 });
    try {
      await expect(small.branch(['UPDATE purse SET balance = 0'])).rejects.toBeInstanceOf(AtTooLargeError);
      await expect(small.branch(['UPDATE purse SET balance = 0 WHERE id = 1'])).resolves.toBeDefined();
    } finally {
      await small.close();
    }
  });

  it('needs a global transaction that is open', async () => {
    const over = service.global();
    over.end();
    await expect(service.run(over, () => Promise.resolve())).rejects.toBeInstanceOf(
      GlobalTransactionOverError,
    );
    const outside = service.run(undefined as never, () => Promise.resolve());
    await expect(outside).rejects.toBeInstanceOf(NoGlobalTransactionError);
  });

  it('tries again while another global transaction holds a row, and gives up with nothing done', async () => {
    service.locks.hold('other', 'purse:1');
    let tries = 0;
    const refused = service.run(service.global(), async (manager) => {
      tries += 1;
      await manager.query('UPDATE purse SET balance = 0 WHERE id = 1');
    });
    await expect(refused).rejects.toBeInstanceOf(AtConflictError);
    await expect(refused).rejects.toMatchObject({ attempts: 3, cause: expect.any(GlobalLockConflictError) });
    expect(tries).toBe(3);
    expect(await balances()).toEqual(['10.00', '20.00']);
    service.locks.release('other');
    await service.branch(['UPDATE purse SET balance = 0 WHERE id = 1']);
    expect(await balances()).toEqual(['0.00', '20.00']);
  });

  it('shows no row by SELECT … FOR UPDATE that another global transaction may take back', async () => {
    await service.branch(['UPDATE purse SET balance = 0 WHERE id = 1']);
    const { xid } = service.last();
    const read = (): Promise<unknown> =>
      service.run(service.global(), (manager) =>
        // A work that swallows the conflict goes no further either.
        manager.query('SELECT balance FROM purse WHERE id = ? FOR UPDATE', [1]).catch(() => 'swallowed'),
      );
    await expect(read()).rejects.toBeInstanceOf(AtConflictError);
    // The row's lock is given up between the tries, so that the rollback gets through.
    expect(await service.rollback()).toBe('DONE');
    service.locks.release(xid);
    expect(await read()).toEqual([{ balance: '10.00' }]);
  });

  it('lets no changes through whose images are not known', async () => {
    service.faults.on('executed', () => {
      throw new Error('broken');
    });
    const swallowing = service.run(service.global(), async (manager) => {
      await manager.query('UPDATE purse SET balance = 0 WHERE id = 1').catch(() => undefined);
    });
    await expect(swallowing).rejects.toThrow('broken');
    expect(await balances()).toEqual(['10.00', '20.00']);
  });

  it('refuses to return before its statements have', async () => {
    const early = service.run(service.global(), (manager) => {
      manager.query('UPDATE purse SET balance = 0 WHERE id = 1').catch(() => undefined);
      return Promise.resolve();
    });
    await expect(early).rejects.toThrow(/still running/);
    expect(await balances()).toEqual(['10.00', '20.00']);
  });

  it('refuses a statement that comes after its work has returned, and is not awaited', async () => {
    let manager: AtEntityManager | undefined;
    const late: unknown[] = [];
    service.faults.on('undo-written', async () => {
      const outcome = (work: Promise<unknown> | undefined): Promise<unknown> | undefined =>
        work?.catch((error: unknown) => error);
      late.push(await outcome(manager?.query('UPDATE purse SET balance = 0 WHERE id = 2')));
      late.push(await outcome(manager?.transaction(() => Promise.resolve())));
    });
    await service.run(service.global(), async (own) => {
      manager = own;
      await own.query('UPDATE purse SET balance = 0 WHERE id = 1');
    });
    expect(late).toEqual([expect.any(TransactionOverError), expect.any(TransactionOverError)]);
    expect(await balances()).toEqual(['0.00', '20.00']);
    expect(service.last().lockKey).toBe('purse:1');
  });

  it.each([
    [
      'trigger',
      'CREATE TRIGGER late_trigger BEFORE UPDATE ON late FOR EACH ROW SET NEW.n = NEW.n + 1',
      'late',
    ],
    [
      'foreign key',
      'CREATE TABLE late_child (id INT PRIMARY KEY, parent INT, FOREIGN KEY (parent) REFERENCES late_parent (id) ON DELETE CASCADE)',
      'late_parent',
    ],
  ])('sees a %s that came since the table was looked at', async (what, made, table) => {
    await service.query(`CREATE TABLE ${table} (id INT PRIMARY KEY, n INT)`);
    await service.query(`INSERT INTO ${table} VALUES (1, 1)`);
    const branch = () => service.branch([`UPDATE ${table} SET n = n + 1 WHERE id = 1`]);
    await branch();
    service.locks.release(service.last().xid);
    await service.query(made);
    const refused = branch();
    await expect(refused).rejects.toBeInstanceOf(AtStatementRefusedError);
    await expect(refused).rejects.toThrow(new RegExp(what));
    expect(await service.query(`SELECT n FROM ${table}`)).toEqual([{ n: 2 }]);
  });

  it('stores nothing when the coordinator does not answer whether the branch is registered', async () => {
    const timeout = new CoordinatorTimeoutError('BranchRegister', 'no answer came within 5000 ms');
    service.locks.register = () => Promise.reject(timeout);
    await expect(service.branch(['UPDATE purse SET balance = 0 WHERE id = 1'])).rejects.toBe(timeout);
    expect(await balances()).toEqual(['10.00', '20.00']);
    expect(await service.undoLogs()).toEqual([]);
  });

  it('begins again when the table was altered since it was looked at', async () => {
    await service.query('CREATE TABLE grown (id INT PRIMARY KEY, n INT)');
    await service.query('INSERT INTO grown VALUES (1, 1)');
    await service.branch(['UPDATE grown SET n = 2 WHERE id = 1']);
    expect(await service.commit()).toBe('DONE');
    service.locks.release(service.last().xid);
    await service.query('ALTER TABLE grown ADD extra INT NOT NULL DEFAULT 7');
    await service.query('UPDATE grown SET extra = 8');
    await service.branch(['DELETE FROM grown WHERE id = 1']);
    expect(await service.rollback()).toBe('DONE');
    expect(await service.query('SELECT * FROM grown')).toEqual([{ id: 1, n: 2, extra: 8 }]);
  });

  it('stores nothing of a branch that failed after it was registered', async () => {
    service.faults.on('undo-written', () => {
      throw new Error('broken');
    });
    await expect(service.branch(['UPDATE purse SET balance = 0 WHERE id = 1'])).rejects.toThrow('broken');
    expect(await balances()).toEqual(['10.00', '20.00']);
    expect(await service.undoLogs()).toEqual([]);
  });

  it('keeps a branch that has committed, whatever comes after', async () => {
    service.faults.on('committed', () => {
      throw new Error('broken');
    });
    await expect(service.branch(['UPDATE purse SET balance = 0 WHERE id = 1'])).rejects.toThrow('broken');
    expect(await service.rollback()).toBe('DONE');
    expect(await balances()).toEqual(['10.00', '20.00']);
  });

  it('meets the marker of a rollback that came first, and stores nothing', async () => {
    service.faults.on('registered', async () => {
      expect(await service.rollback()).toBe('DONE');
    });
    await expect(service.branch(['UPDATE purse SET balance = 0 WHERE id = 1'])).rejects.toBeInstanceOf(
      GlobalTransactionOverError,
    );
    expect(await balances()).toEqual(['10.00', '20.00']);
    expect(await service.undoLogs()).toEqual([1]);
  });

  it.each(['cut-before', 'cut-after'] as const)(
    'does not guess when the answer to COMMIT is lost (%s)',
    async (fault) => {
      const global = service.global();
      const played = proxy.at(/^COMMIT/, fault);
      const lost = service.run(
        global,
        (manager) => manager.query('UPDATE purse SET balance = 0, version = 1 WHERE id = 1'),
        {
          committedRow: async (manager) =>
            (await manager.query<unknown[]>('SELECT 1 FROM purse WHERE id = 1 AND version = 1')).length > 0,
        },
      );
      await expect(lost).rejects.toBeInstanceOf(CommitOutcomeUnknownError);
      await played;
      const [own] = global.ownBranches.all;
      expect(await own?.outcome(Deadline.in(5000))).toBe('UNKNOWN');
      expect(await service.rollback()).toBe('DONE');
      expect(await own?.outcome(Deadline.in(5000))).toBe('ROLLED_BACK');
      expect(await balances()).toEqual(['10.00', '20.00']);
    },
  );

  it('proves by its row without an undo log that it was committed', async () => {
    const global = service.global();
    await service.run(global, (manager) => manager.query('INSERT INTO pair VALUES (?, 1, 1)', ['own']), {
      committedRow: async (manager) =>
        (await manager.query<unknown[]>("SELECT 1 FROM pair WHERE a = 'own'")).length > 0,
    });
    const [own] = global.ownBranches.all;
    expect(await own?.outcome(Deadline.in(5000))).toBe('UNKNOWN');
    expect(await service.commit()).toBe('DONE');
    expect(await service.undoLogs()).toEqual([]);
    expect(await own?.outcome(Deadline.in(5000))).toBe('COMMITTED');
  });
});
