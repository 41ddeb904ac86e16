import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { DataSource, EntityManager, EntitySubscriberInterface, QueryRunner } from 'typeorm';
import { openIdleSession } from '../../test/idle-session.js';
import { createLibraryDatabase, openDataSource } from '../../test/library-database.js';
import { Deadline } from '../deadline/index.js';
import {
  CommitOutcomeUnknownError,
  DatabaseUnavailableError,
  ForbiddenStatementError,
  TransactionDeadlineError,
  TransactionDoomedError,
  TransactionOverError,
  UnfinishedStatementError,
} from '../errors/index.js';
import { eventually } from '../testing/index.js';
import { MysqlProxy } from '../testing/mysql-proxy.js';
import { DatabaseTransactions } from './database-transactions.js';
import { isConnectionLost, isLockConflict } from './mysql-errors.js';

const insert = (entityManager: EntityManager, txNo: string): Promise<unknown> =>
  entityManager.query("INSERT INTO effect (tx_no, note) VALUES (?, 'x')", [txNo]);

describe('DatabaseTransactions', () => {
  let proxy: MysqlProxy;
  let direct: DataSource;
  let dataSource: DataSource | undefined;
  let transactions: DatabaseTransactions;
  const soon = (): { deadline: Deadline } => ({ deadline: Deadline.in(5000) });
  /** For a test that waits until it has passed. */
  const shortly = (): { deadline: Deadline } => ({ deadline: Deadline.in(3000) });
  const effects = async (txNo: string): Promise<number> =>
    (await direct.query<unknown[]>('SELECT 1 FROM effect WHERE tx_no = ?', [txNo])).length;

  beforeAll(async () => {
    const url = await createLibraryDatabase('transactions');
    proxy = await MysqlProxy.start(url);
    direct = await openDataSource(url);
  });
  beforeEach(async () => {
    if (dataSource?.isInitialized) await dataSource.destroy();
    // One connection: whatever a transaction leaves behind, the next one meets it.
    dataSource = await openDataSource(proxy.url, 1);
    transactions = new DatabaseTransactions(dataSource);
  });
  afterEach(() => {
    proxy.up();
    jest.restoreAllMocks();
  });
  afterAll(async () => {
    await dataSource?.destroy();
    await direct.destroy();
    await proxy.close();
  });

  it('commits what the work did and gives its value back', async () => {
    const value = await transactions.run(async ({ entityManager }) => {
      await insert(entityManager, 'committed');
      return { decision: 'COMMIT', value: 42 };
    }, soon());
    expect(value).toBe(42);
    expect(await effects('committed')).toBe(1);
  });

  it('rolls back when the work says so, and when it throws', async () => {
    await transactions.run(async ({ entityManager }) => {
      await insert(entityManager, 'refused');
      return { decision: 'ROLLBACK', value: undefined };
    }, soon());
    const thrown = transactions.run(async ({ entityManager }) => {
      await insert(entityManager, 'thrown');
      throw new Error('the handler failed');
    }, soon());
    await expect(thrown).rejects.toThrow('the handler failed');
    expect(await effects('refused')).toBe(0);
    expect(await effects('thrown')).toBe(0);
  });

  it('sets the session up: short lock waits, a server that ends frozen clients, READ COMMITTED, UTC', async () => {
    const rows = await transactions.run(
      async ({ entityManager }) => ({
        decision: 'ROLLBACK',
        value: await entityManager.query<unknown[]>(
          'SELECT @@wait_timeout w, @@innodb_lock_wait_timeout l, @@transaction_isolation i, @@time_zone z',
        ),
      }),
      soon(),
    );
    expect(rows).toEqual([{ w: '15', l: '2', i: 'READ-COMMITTED', z: '+00:00' }]);
  });

  describe('when a deadlock ended the transaction', () => {
    let second: QueryRunner;
    beforeEach(async () => {
      await direct.query("REPLACE INTO effect (id, tx_no, note) VALUES (1000, 'a', ''), (1001, 'b', '')");
      second = await openIdleSession(direct);
      await second.startTransaction();
      await second.query("UPDATE effect SET note = 'second' WHERE id = 1001");
      // Make the other one the more expensive victim, so that ours is rolled back.
      await second.query("INSERT INTO effect (tx_no, note) VALUES ('w','1'),('w','2'),('w','3'),('w','4')");
    });
    afterEach(async () => {
      await second.rollbackTransaction();
      await second.release();
    });

    it('refuses the next statement and the COMMIT of a handler that swallows the error, and stores nothing', async () => {
      let swallowed: unknown;
      let next: unknown;
      const run = transactions.run(async ({ entityManager }) => {
        await entityManager.query("UPDATE effect SET note = 'first' WHERE id = 1000");
        const waiting = entityManager
          .query("UPDATE effect SET note = 'first' WHERE id = 1001")
          .catch((error: unknown) => (swallowed = error));
        const crossing = second.query("UPDATE effect SET note = 'second' WHERE id = 1000");
        await waiting;
        next = await insert(entityManager, 'after-deadlock').catch((error: unknown) => error);
        await crossing;
        return { decision: 'COMMIT', value: undefined };
      }, soon());
      await expect(run).rejects.toBeInstanceOf(TransactionDoomedError);
      expect(isLockConflict(swallowed)).toBe(true);
      expect(next).toBeInstanceOf(TransactionDoomedError);
      expect(await effects('after-deadlock')).toBe(0);
    });

    it('sends none of the statements that were asked for together with the one that met it', async () => {
      let outcomes: PromiseSettledResult<unknown>[] = [];
      const run = transactions.run(async ({ entityManager }) => {
        await entityManager.query("UPDATE effect SET note = 'first' WHERE id = 1000");
        const together = Promise.allSettled([
          entityManager.query("UPDATE effect SET note = 'first' WHERE id = 1001"),
          insert(entityManager, 'behind-deadlock'),
          insert(entityManager, 'behind-deadlock'),
        ]);
        const crossing = second.query("UPDATE effect SET note = 'second' WHERE id = 1000");
        outcomes = await together;
        await crossing;
        return { decision: 'COMMIT', value: undefined };
      }, soon());
      await expect(run).rejects.toBeInstanceOf(TransactionDoomedError);
      expect(await effects('behind-deadlock')).toBe(0);
      expect(outcomes.map((outcome) => (outcome as PromiseRejectedResult).reason as Error)).toEqual([
        expect.objectContaining({ driverError: expect.objectContaining({ errno: 1213 }) }),
        expect.any(TransactionDoomedError),
        expect.any(TransactionDoomedError),
      ]);
    });
  });

  it('refuses statements that would end the transaction', async () => {
    const statements = [
      'COMMIT',
      ' rollback',
      '/* x */ START TRANSACTION',
      'TRUNCATE effect',
      'SET autocommit=1',
    ];
    for (const statement of statements) {
      const run = transactions.run(async ({ entityManager }) => {
        await entityManager.query(statement);
        return { decision: 'COMMIT', value: undefined };
      }, soon());
      await expect(run).rejects.toBeInstanceOf(ForbiddenStatementError);
    }
  });

  it('lets a nested TypeORM transaction be a savepoint of this one', async () => {
    await transactions.run(async ({ entityManager }) => {
      await insert(entityManager, 'outer');
      await entityManager
        .transaction(async (inner) => {
          await insert(inner, 'inner');
          throw new Error('only the inner one');
        })
        .catch(() => undefined);
      return { decision: 'COMMIT', value: undefined };
    }, soon());
    expect(await effects('outer')).toBe(1);
    expect(await effects('inner')).toBe(0);
  });

  it('does not commit while a statement of the handler is still running', async () => {
    const run = transactions.run(({ entityManager }) => {
      void insert(entityManager, 'not-awaited').catch(() => undefined);
      return Promise.resolve({ decision: 'COMMIT', value: undefined });
    }, soon());
    await expect(run).rejects.toBeInstanceOf(UnfinishedStatementError);
    expect(await effects('not-awaited')).toBe(0);
  });

  describe('a statement that fails when nobody waits for it, which would end the process', () => {
    let failed: string[];
    const watched = (name: string, statement: Promise<unknown>): Promise<unknown> => {
      statement.catch(() => failed.push(name));
      return statement;
    };
    /** Several answers of the database later. */
    const later = async (): Promise<void> => {
      await transactions.run(async ({ entityManager }) => {
        await entityManager.query('SELECT 1');
        return { decision: 'ROLLBACK', value: undefined };
      }, soon());
    };
    beforeEach(() => {
      failed = [];
    });

    it('is not told when the work has failed meanwhile', async () => {
      const run = transactions.run(({ entityManager }) => {
        void watched('under way', entityManager.query('SELECT SLEEP(30)'));
        void watched('waiting', entityManager.query('SELECT 1'));
        return Promise.reject(new RangeError('the work'));
      }, soon());
      await expect(run).rejects.toThrow(RangeError);
      await later();
      expect(failed).toEqual([]);
    });

    it('is not told when the deadline has failed the one before, which the work was waiting for', async () => {
      const run = transactions.run(async ({ entityManager }) => {
        const first = watched('first', entityManager.query('SELECT SLEEP(30)'));
        const second = watched('second', entityManager.query('SELECT 1'));
        await first;
        await second;
        return { decision: 'COMMIT', value: undefined };
      }, shortly());
      await expect(run).rejects.toBeInstanceOf(TransactionDeadlineError);
      await later();
      expect(failed).toEqual(['first']);
    });

    it('is told when the work goes on after the deadline, and waits for it', async () => {
      let outcomes: PromiseSettledResult<unknown>[] = [];
      const run = transactions.run(async ({ entityManager }) => {
        const statements = ['SELECT SLEEP(30)', 'SELECT 1'].map((sql) => entityManager.query(sql));
        outcomes = await Promise.allSettled(statements);
        return { decision: 'COMMIT', value: undefined };
      }, shortly());
      await expect(run).rejects.toBeInstanceOf(TransactionDeadlineError);
      await eventually(() => outcomes.length === 2);
      expect(outcomes).toMatchObject([
        { status: 'rejected' },
        { status: 'rejected', reason: { code: 'TXMSG_TRANSACTION_DOOMED' } },
      ]);
    });
  });

  it('lets a subscriber send a statement of its own, although that belongs to the one before', async () => {
    const audit: EntitySubscriberInterface = {
      afterQuery: ({ query, queryRunner }) =>
        query.includes('INTO effect') && !query.includes('audit')
          ? queryRunner.query("INSERT INTO effect (tx_no, note) VALUES ('audit', '')")
          : undefined,
    };
    dataSource?.subscribers.push(audit);
    await transactions.run(async ({ entityManager }) => {
      await insert(entityManager, 'audited');
      return { decision: 'COMMIT', value: undefined };
    }, soon());
    expect(await effects('audited')).toBe(1);
    expect(await effects('audit')).toBe(1);
  });

  it('refuses an EntityManager that was kept beyond the transaction', async () => {
    let kept: EntityManager | undefined;
    await transactions.run(({ entityManager }) => {
      kept = entityManager;
      return Promise.resolve({ decision: 'COMMIT', value: undefined });
    }, soon());
    await expect(kept?.query('SELECT 1')).rejects.toBeInstanceOf(TransactionOverError);
    await expect(kept?.queryRunner?.query('SELECT 1')).rejects.toBeInstanceOf(TransactionOverError);
    await expect(kept?.transaction((inner) => inner.query('SELECT 1'))).rejects.toBeInstanceOf(
      TransactionOverError,
    );
  });

  describe('when the handler returns and goes on with work that it does not await', () => {
    const ENDS = {
      COMMIT: () => Promise.resolve({ decision: 'COMMIT', value: undefined } as const),
      ROLLBACK: () => Promise.resolve({ decision: 'ROLLBACK', value: undefined } as const),
      'a throw': () => Promise.reject(new Error('the handler failed')),
    };
    const errors: { txNos: string[]; endedBy: string; statement: string }[] = [];
    beforeEach(() => {
      errors.length = 0;
      jest.spyOn(Logger.prototype, 'error').mockImplementation((entry: unknown) => {
        errors.push(entry as (typeof errors)[number]);
      });
    });

    /** Every moment from the handler's return on: so many turns of the microtask queue later, or of the event loop. */
    const MOMENTS = Array.from({ length: 60 }, (_, turns) => turns);
    const later = async (turns: number): Promise<void> => {
      for (let turn = 0; turn < turns % 30; turn++) await Promise.resolve();
      if (turns >= 30) await nextTurn();
    };
    const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

    it.each(Object.entries(ENDS))('%s: no statement of it is ever stored by itself', async (label, end) => {
      const answers: unknown[] = [];
      for (const turns of MOMENTS) {
        let sent: Promise<unknown> | undefined;
        await transactions
          .run(
            async ({ entityManager }) => {
              await insert(entityManager, `in-time ${label}`);
              sent = later(turns).then(() => {
                const answer = insert(entityManager, `late ${label}`).catch((error: unknown) => error);
                // One whose connection was closed under it gets no answer; a refusal needs none.
                return Promise.race([answer, nextTurn().then(() => 'WITHOUT_ANSWER')]);
              });
              return end();
            },
            { ...soon(), txNos: ['tx-1'] },
          )
          .catch(() => undefined);
        answers.push(await sent);
      }
      // On the one connection: what was sent before has been carried out then.
      await transactions.run(() => Promise.resolve({ decision: 'COMMIT', value: undefined }), soon());
      expect(await effects(`late ${label}`)).toBe(0);
      const refused = answers.filter((answer) => answer instanceof TransactionOverError);
      expect(refused.length).toBeGreaterThanOrEqual(MOMENTS.length / 2);
      expect(errors).toHaveLength(refused.length);
    });

    it('says so once for each transaction, and which one it is', async () => {
      let kept: EntityManager | undefined;
      await transactions.run(
        async ({ entityManager }) => {
          await insert(entityManager, 'kept');
          kept = entityManager;
          return { decision: 'COMMIT', value: undefined };
        },
        { ...soon(), txNos: ['tx-1', 'tx-2'] },
      );
      for (let round = 0; round < 3; round++) await kept?.query('SELECT 1').catch(() => undefined);
      expect(errors).toMatchObject([{ txNos: ['tx-1', 'tx-2'], endedBy: 'COMMIT', statement: 'SELECT 1' }]);
    });

    it('at its deadline: what it still sends is refused, and nothing is stored', async () => {
      let goOn: () => void = () => undefined;
      let late: Promise<unknown> | undefined;
      const run = transactions.run(
        ({ entityManager }) => {
          late = new Promise<void>((resolve) => (goOn = resolve)).then(() =>
            insert(entityManager, 'deadline'),
          );
          late.catch(() => undefined);
          return late.then(() => ({ decision: 'COMMIT', value: undefined }) as const);
        },
        { ...soon(), txNos: ['tx-1'] },
      );
      await expect(run).rejects.toBeInstanceOf(TransactionDeadlineError);
      goOn();
      await expect(late).rejects.toBeInstanceOf(TransactionOverError);
      expect(await effects('deadline')).toBe(0);
      expect(errors).toMatchObject([{ txNos: ['tx-1'], endedBy: 'DEADLINE' }]);
    });
  });

  it('tells a handler that exceeds its deadline so, and not that it did not await', async () => {
    const logged = jest.spyOn(Logger.prototype, 'error').mockImplementation(() => undefined);
    let goOn: () => void = () => undefined;
    let late: Promise<unknown> | undefined;
    const run = transactions.run(async ({ entityManager }) => {
      await new Promise<void>((resolve) => (goOn = resolve));
      await (late = insert(entityManager, 'slow'));
      return { decision: 'COMMIT', value: undefined };
    }, shortly());
    await expect(run).rejects.toBeInstanceOf(TransactionDeadlineError);
    goOn();
    await eventually(() => late !== undefined);
    const refused = (await late?.catch((error: unknown) => error)) as TransactionOverError;
    const entry = logged.mock.calls[0]?.[0] as { message: string };
    for (const { message } of [refused, entry]) {
      expect(message).toMatch(/deadline/);
      expect(message).not.toMatch(/await/i);
    }
  });

  it('takes a connection that is dropped in the middle for lost, whatever the handler makes of it', async () => {
    const run = transactions.run(async ({ entityManager, dropConnection }) => {
      await insert(entityManager, 'dropped');
      dropConnection();
      await insert(entityManager, 'after-drop').catch(() => undefined);
      return { decision: 'COMMIT', value: undefined };
    }, soon());
    await expect(run).rejects.toBeInstanceOf(TransactionDoomedError);
    await expect(run.catch((error: unknown) => isConnectionLost(error))).resolves.toBe(true);
    expect(await effects('dropped')).toBe(0);
  });

  describe('when the work outlives its deadline', () => {
    it('stores nothing and does not use the connection again', async () => {
      let connectionId: unknown;
      const idOf = async (entityManager: EntityManager): Promise<unknown> =>
        (await entityManager.query<{ id: unknown }[]>('SELECT CONNECTION_ID() id'))[0]?.id;
      const run = transactions.run(async ({ entityManager }) => {
        connectionId = await idOf(entityManager);
        await insert(entityManager, 'too-slow');
        await entityManager.query('SELECT SLEEP(20)');
        return { decision: 'COMMIT', value: undefined };
      }, soon());
      await expect(run).rejects.toMatchObject({
        code: 'TXMSG_TRANSACTION_DEADLINE',
        waitedForDatabase: true,
      });
      const next = await transactions.run(
        async ({ entityManager }) => ({ decision: 'COMMIT', value: await idOf(entityManager) }),
        soon(),
      );
      expect(next).not.toEqual(connectionId);
      expect(await effects('too-slow')).toBe(0);
    });

    it('fails the statement that a handler waits for, so that what it holds is freed', async () => {
      let isFreed = false;
      const run = transactions.run(async ({ entityManager }) => {
        try {
          await entityManager.query('SELECT SLEEP(30)');
        } finally {
          isFreed = true;
        }
        return { decision: 'COMMIT', value: undefined };
      }, shortly());
      await expect(run).rejects.toMatchObject({ waitedForDatabase: true });
      await eventually(() => isFreed);
    });

    it('lets the pool be closed while its statement has no answer', async () => {
      let isUnderWay = false;
      const run = transactions.run(async ({ entityManager }) => {
        const sleeping = entityManager.query('SELECT SLEEP(60)');
        isUnderWay = true;
        await sleeping;
        return { decision: 'COMMIT', value: undefined };
      }, shortly());
      await eventually(() => isUnderWay);
      const closing = dataSource?.destroy();
      await expect(run).rejects.toBeInstanceOf(TransactionDeadlineError);
      await expect(closing).resolves.toBeUndefined();
    });

    it('says so when it was the handler that was slow', async () => {
      const run = transactions.run(() => new Promise<never>(() => undefined), soon());
      await expect(run).rejects.toMatchObject({ waitedForDatabase: false });
      await expect(run).rejects.toBeInstanceOf(TransactionDeadlineError);
    });
  });

  it('is not at fault when most of its time went by before a connection came', async () => {
    let release: () => void = () => undefined;
    const holding = transactions.run(
      async () => {
        await new Promise<void>((resolve) => (release = resolve));
        return { decision: 'ROLLBACK', value: undefined };
      },
      { deadline: Deadline.in(30_000) },
    );
    const deadline = Deadline.in(9000);
    const late = transactions.run(() => new Promise<never>(() => undefined), { deadline });
    const answered = expect(late).rejects.toMatchObject({
      code: 'TXMSG_TRANSACTION_DEADLINE',
      waitedForDatabase: true,
    });
    await eventually(() => deadline.remainingMs() < 4000, { timeoutMs: 10_000 });
    release();
    await holding;
    await answered;
  });

  describe('when the server freezes while the library itself waits for it', () => {
    const soonOver = (): { deadline: Deadline } => ({ deadline: Deadline.in(8000) });

    it('at START TRANSACTION: the deadline is the database’s doing, and the work was not begun', async () => {
      let isBegun = false;
      const frozen = proxy.at(/^START TRANSACTION$/, 'swallow-answer');
      const run = transactions.run(() => {
        isBegun = true;
        return Promise.resolve({ decision: 'COMMIT', value: undefined });
      }, soonOver());
      await expect(run).rejects.toMatchObject({
        code: 'TXMSG_TRANSACTION_DEADLINE',
        waitedForDatabase: true,
      });
      await frozen;
      expect(isBegun).toBe(false);
    });

    it.each([
      ['that the work asked for', () => Promise.resolve({ decision: 'ROLLBACK', value: undefined } as const)],
      ['after the work threw', () => Promise.reject(new Error('the handler failed'))],
    ])('at ROLLBACK, %s: the deadline is the database’s doing', async (label, end) => {
      const frozen = proxy.at(/^ROLLBACK$/, 'swallow-answer');
      const run = transactions.run(async ({ entityManager }) => {
        await insert(entityManager, label);
        return end();
      }, soonOver());
      await expect(run).rejects.toMatchObject({
        code: 'TXMSG_TRANSACTION_DEADLINE',
        waitedForDatabase: true,
      });
      await frozen;
      expect(await effects(label)).toBe(0);
    });
  });

  describe('when the connection is lost', () => {
    const insertOne = (txNo: string): Promise<void> =>
      transactions.run(async ({ entityManager }) => {
        await insert(entityManager, txNo);
        return { decision: 'COMMIT', value: undefined };
      }, soon());

    it.each(['cut-before', 'cut-after'] as const)('at COMMIT (%s): the outcome is unknown', async (fault) => {
      const played = proxy.at(/^COMMIT$/, fault);
      await expect(insertOne(fault)).rejects.toBeInstanceOf(CommitOutcomeUnknownError);
      await played;
      expect(await effects(fault)).toBe(fault === 'cut-after' ? 1 : 0);
    });

    it('at COMMIT without an answer within the deadline: the outcome is unknown', async () => {
      void proxy.at(/^COMMIT$/, 'swallow-answer');
      const run = transactions.run(async ({ entityManager }) => {
        await insert(entityManager, 'swallowed');
        return { decision: 'COMMIT', value: undefined };
      }, soon());
      await expect(run).rejects.toBeInstanceOf(CommitOutcomeUnknownError);
      await eventually(async () => (await effects('swallowed')) === 1);
    });

    it('at ROLLBACK: the work is not stored, and its own error is reported', async () => {
      void proxy.at(/^ROLLBACK$/, 'cut-before');
      const run = transactions.run(async ({ entityManager }) => {
        await insert(entityManager, 'lost-rollback');
        throw new Error('the reason');
      }, soon());
      await expect(run).rejects.toThrow('the reason');
      await insertOne('after-lost-rollback');
      expect(await effects('lost-rollback')).toBe(0);
      expect(await effects('after-lost-rollback')).toBe(1);
    });

    it('before anything was begun: the database is unavailable', async () => {
      proxy.down();
      try {
        await expect(insertOne('down')).rejects.toBeInstanceOf(DatabaseUnavailableError);
      } finally {
        proxy.up();
      }
      await insertOne('up-again');
      expect(await effects('up-again')).toBe(1);
    });
  });
});
