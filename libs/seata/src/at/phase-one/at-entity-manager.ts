import type { EntityManager, QueryRunner } from 'typeorm';
import type { AtWork, Send } from './at-work.js';

/**
 * An EntityManager whose every statement can be undone: repositories, query builders and `query` alike. A statement that
 * cannot be is refused with AtStatementRefusedError before it runs. Its `transaction(…)` is a part that may be rolled back
 * by itself. Valid until the work returns.
 */
export type AtEntityManager = EntityManager;

type NestedWork<T> = (manager: EntityManager) => Promise<T>;

/** Puts `work` between the EntityManager of a transaction of txmsg and its connection. */
export function atEntityManager(inner: EntityManager, work: AtWork): AtEntityManager {
  const connection = inner.queryRunner;
  if (connection === undefined) throw new Error('The EntityManager of a transaction has no query runner.');
  const send: Send = (sql, parameters, structured) =>
    (connection.query as Send).call(connection, sql, parameters, structured);
  const runner = Object.create(connection) as QueryRunner;
  const manager = connection.dataSource.createEntityManager(runner);
  const broadcaster = Object.create(connection.broadcaster) as object;
  // Subscribers, too, get this runner and no other.
  Object.assign(broadcaster, { queryRunner: runner });
  const query: Send = (sql, parameters, structured) => work.statement(send, sql, parameters, structured);
  Object.assign(runner, { manager, broadcaster, query });
  const transaction = <T>(first: string | NestedWork<T>, second?: NestedWork<T>): Promise<T> => {
    const nested = typeof first === 'function' ? first : second;
    return nested === undefined
      ? Promise.reject(new TypeError('transaction() needs a function.'))
      : runNested(inner, work, nested);
  };
  return Object.assign(manager, { transaction });
}

async function runNested<T>(inner: EntityManager, work: AtWork, nested: NestedWork<T>): Promise<T> {
  work.assertIdle();
  const mark = work.entries.length;
  try {
    return await inner.transaction((manager) => nested(atEntityManager(manager, work)));
  } catch (error) {
    work.forgetSince(mark);
    throw error;
  }
}
