import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { DataSource, EntityManager } from 'typeorm';
import { createLibraryDatabase, openDataSource } from '../../test/library-database.js';
import { Deadline } from '../deadline/index.js';
import { DatabaseTransactions } from './database-transactions.js';
import { isDatabaseTrouble } from './mysql-errors.js';

const idOf = async (entityManager: EntityManager): Promise<unknown> =>
  (await entityManager.query<{ id: unknown }[]>('SELECT CONNECTION_ID() AS id'))[0]?.id;

describe('a connection to a server that may not write any more', () => {
  let dataSource: DataSource;
  let transactions: DatabaseTransactions;
  const soon = (): { deadline: Deadline } => ({ deadline: Deadline.in(10_000) });

  beforeAll(async () => {
    const url = await createLibraryDatabase('demotion');
    const direct = await openDataSource(url);
    // What a primary answers that has become a replica, for these sessions alone: `read_only` holds for the whole server.
    for (const errno of [1290, 1792, 1836, 1644]) {
      await direct.query(
        `CREATE PROCEDURE refuse_${errno}() SIGNAL SQLSTATE 'HY000' SET MYSQL_ERRNO = ${errno}, MESSAGE_TEXT = 'read only'`,
      );
    }
    await direct.destroy();
    dataSource = await openDataSource(url, 1);
  });
  beforeEach(() => {
    transactions = new DatabaseTransactions(dataSource);
  });
  afterAll(async () => {
    await dataSource.destroy();
  });

  const next = (): Promise<unknown> =>
    transactions.run(
      async ({ entityManager }) => ({ decision: 'COMMIT', value: await idOf(entityManager) }),
      soon(),
    );

  async function meet(errno: number, handle: (call: Promise<unknown>) => Promise<unknown>) {
    let id: unknown;
    const run = transactions.run(async ({ entityManager }) => {
      id = await idOf(entityManager);
      await handle(entityManager.query(`CALL refuse_${errno}()`));
      return { decision: 'COMMIT', value: undefined };
    }, soon());
    const error = await run.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    return { id, error };
  }

  it.each([1290, 1792, 1836])('is closed after %i, and the work is done again on another', async (errno) => {
    const { id, error } = await meet(errno, (call) => call);
    expect(isDatabaseTrouble(error)).toBe(true);
    expect(await next()).not.toEqual(id);
  });

  it.each([
    ['swallows the error', (call: Promise<unknown>) => call.catch(() => undefined)],
    [
      'throws another one in its place',
      (call: Promise<unknown>) =>
        call.catch(() => {
          throw new Error('something went wrong');
        }),
    ],
  ])('is closed also when the handler %s', async (_what, handle) => {
    const { id, error } = await meet(1290, handle);
    expect(error).toBeInstanceOf(Error);
    expect(await next()).not.toEqual(id);
  });

  it('any other error of the statement leaves it open', async () => {
    const { id } = await meet(1644, (call) => call);
    expect(await next()).toEqual(id);
  });
});
