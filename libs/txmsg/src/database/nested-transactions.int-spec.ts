import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { DataSource, EntityManager, QueryRunner } from 'typeorm';
import { createLibraryDatabase, openDataSource } from '../../test/library-database.js';
import { Deadline } from '../deadline/index.js';
import {
  ForbiddenStatementError,
  NestedTransactionOpenError,
  NestedTransactionOverlapError,
  TransactionDoomedError,
  TransactionOverError,
} from '../errors/index.js';
import { DatabaseTransactions } from './database-transactions.js';

const insert = (entityManager: EntityManager, txNo: string): Promise<unknown> =>
  entityManager.query("INSERT INTO effect (tx_no, note) VALUES (?, 'x')", [txNo]);

/** What a promise came to, for a handler that goes on after a failure. */
const outcomeOf = (work: Promise<unknown>): Promise<unknown> => work.catch((error: unknown) => error);

describe('nested transactions of a handler', () => {
  let dataSource: DataSource;
  let transactions: DatabaseTransactions;
  const run = (work: (entityManager: EntityManager) => Promise<unknown>): Promise<unknown> =>
    transactions.run(
      async ({ entityManager }) => ({ decision: 'COMMIT', value: await work(entityManager) }),
      { deadline: Deadline.in(30_000), txNos: ['tx-1'] },
    );
  const effects = async (): Promise<string[]> =>
    (await dataSource.query<{ tx_no: string }[]>('SELECT tx_no FROM effect ORDER BY tx_no')).map(
      ({ tx_no }) => tx_no,
    );

  beforeAll(async () => {
    dataSource = await openDataSource(await createLibraryDatabase('nested'), 1);
    transactions = new DatabaseTransactions(dataSource);
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    await dataSource.query('DELETE FROM effect');
  });
  afterAll(() => dataSource.destroy());

  it('are rolled back by themselves, at any depth', async () => {
    await run(async (manager) => {
      await insert(manager, 'a');
      await manager.transaction(async (first) => {
        await insert(first, 'b');
        await outcomeOf(
          first.transaction(async (second) => {
            await insert(second, 'not this');
            throw new Error('only the innermost');
          }),
        );
        await first.transaction((second) => insert(second, 'c'));
      });
    });
    expect(await effects()).toEqual(['a', 'b', 'c']);
  });

  describe('that overlap', () => {
    /** Goes on when it is told to. */
    class Gate {
      readonly isOpen: Promise<void>;
      open: () => void = () => undefined;

      constructor() {
        this.isOpen = new Promise((resolve) => (this.open = resolve));
      }
    }

    it('are refused but for the first, which keeps what it did', async () => {
      const gate = new Gate();
      const [first, second] = (await run(async (manager) => {
        const one = outcomeOf(
          manager.transaction(async (nested) => {
            await insert(nested, 'first');
            await gate.isOpen;
          }),
        );
        const two = await outcomeOf(
          manager.transaction(async (nested) => {
            await insert(nested, 'second');
            throw new Error('rolls back');
          }),
        );
        gate.open();
        return [await one, two];
      })) as unknown[];
      expect(first).toBeUndefined();
      expect(second).toBeInstanceOf(NestedTransactionOverlapError);
      expect((second as Error).message).toContain('Await that transaction(…) first');
      expect(await effects()).toEqual(['first']);
    });

    it('undo everything when the handler does not care', async () => {
      const both = run((manager) =>
        Promise.all([
          manager.transaction((nested) => insert(nested, 'first')),
          manager.transaction((nested) => insert(nested, 'second')),
        ]),
      );
      await expect(both).rejects.toBeInstanceOf(NestedTransactionOverlapError);
      expect(await effects()).toEqual([]);
    });

    it('with a statement refuse it, since its effect would vanish with them', async () => {
      const gate = new Gate();
      const statement = await run(async (manager) => {
        const nested = outcomeOf(
          manager.transaction(async (inner) => {
            await insert(inner, 'nested');
            await gate.isOpen;
            throw new Error('rolls back');
          }),
        );
        const beside = await outcomeOf(insert(manager, 'beside'));
        gate.open();
        await nested;
        return beside;
      });
      expect(statement).toBeInstanceOf(NestedTransactionOverlapError);
      expect(await effects()).toEqual([]);
    });
  });

  it('that are left open count as a throw', async () => {
    const leaving = run(async (manager) => {
      await insert(manager, 'outer');
      await new Promise<void>((isOpen) => {
        void outcomeOf(
          manager.transaction(async (nested) => {
            await insert(nested, 'nested');
            isOpen();
            await new Promise(() => undefined);
          }),
        );
      });
    });
    await expect(leaving).rejects.toBeInstanceOf(NestedTransactionOpenError);
    expect(await effects()).toEqual([]);
  });

  it('that are left open by one that they are nested in undo that one', async () => {
    const nested = await run(async (manager) => {
      await insert(manager, 'outer');
      return outcomeOf(
        manager.transaction(async (first) => {
          await insert(first, 'first');
          await new Promise<void>((isOpen) => {
            void outcomeOf(
              first.transaction(async (second) => {
                await insert(second, 'second');
                isOpen();
                await new Promise(() => undefined);
              }),
            );
          });
        }),
      );
    });
    expect(nested).toBeInstanceOf(NestedTransactionOpenError);
    expect(await effects()).toEqual(['outer']);
  });

  it.each([
    ['was rolled back', () => Promise.reject(new Error('rolls back'))],
    ['was done', () => Promise.resolve()],
  ])('take no statement after one %s, and say so', async (_what, end) => {
    const logged = jest.spyOn(Logger.prototype, 'error').mockImplementation(() => undefined);
    const late = await run(async (manager) => {
      let kept = manager;
      await outcomeOf(
        manager.transaction(async (nested) => {
          kept = nested;
          await insert(nested, 'in time');
          await end();
        }),
      );
      return outcomeOf(insert(kept, 'late'));
    });
    expect(late).toBeInstanceOf(TransactionOverError);
    expect(logged).toHaveBeenCalledWith(
      expect.objectContaining({ txNos: ['tx-1'], endedBy: 'NESTED_TRANSACTION' }),
    );
    expect(await effects()).not.toContain('late');
  });

  it('undo what their function had sent when it failed, although nobody awaited it', async () => {
    await run((manager) =>
      outcomeOf(
        manager.transaction((nested) =>
          Promise.all([nested.query('SELECT nothing_there'), insert(nested, 'sent')]),
        ),
      ),
    );
    expect(await effects()).toEqual([]);
  });

  it('that cannot be rolled back let nothing be committed', async () => {
    const swallowing = run(async (manager) => {
      await insert(manager, 'outer');
      await outcomeOf(
        manager.transaction(async (nested) => {
          await insert(nested, 'nested');
          // As a handler may that works with savepoints by itself.
          await nested.query('RELEASE SAVEPOINT txmsg_0');
          throw new Error('and now it cannot be undone');
        }),
      );
    });
    await expect(swallowing).rejects.toBeInstanceOf(TransactionDoomedError);
    expect(await effects()).toEqual([]);
  });

  it('tell who waits for the end of the whole transaction when that ends', async () => {
    let isEnded = false;
    await run((manager) =>
      manager.transaction((nested) => {
        transactions.onEnd(nested, () => (isEnded = true));
        return Promise.resolve();
      }),
    );
    expect(isEnded).toBe(true);
  });

  it.each<[string, (runner: QueryRunner) => Promise<unknown>]>([
    ['connect()', (runner) => runner.connect()],
    ['startTransaction()', (runner) => runner.startTransaction()],
    ['stream()', (runner) => runner.stream('SELECT 1')],
    ['release()', (runner) => runner.release()],
  ])('are no way around the rules: %s of their query runner is refused', async (_name, call) => {
    const refusal = await run((manager) =>
      manager.transaction(async (nested) => {
        if (nested.queryRunner === undefined) throw new Error('there is no query runner');
        return outcomeOf(call(nested.queryRunner));
      }),
    );
    expect(refusal).toBeInstanceOf(ForbiddenStatementError);
  });
});
