import type { DataSource, QueryRunner } from 'typeorm';

/** MySQL's named locks belong to the whole server, which other test files use at the same time. */
export const LOCK = "CONCAT(DATABASE(), '.lock')";

/**
 * A connection that may stay idle; release it. By the library's settings the server ends a session that is idle for
 * 15 s, and with it its transaction and its locks.
 */
export async function openIdleSession(dataSource: DataSource): Promise<QueryRunner> {
  const session = dataSource.createQueryRunner();
  await session.query('SET SESSION wait_timeout = 600');
  return session;
}

/** Lends `work` such a connection. */
export async function withIdleSession<T>(
  dataSource: DataSource,
  work: (session: QueryRunner) => Promise<T>,
): Promise<T> {
  const session = await openIdleSession(dataSource);
  try {
    return await work(session);
  } finally {
    await session.release();
  }
}

/** Holds the lock while `work` runs. */
export function whileLocked<T>(dataSource: DataSource, work: () => Promise<T>): Promise<T> {
  return withIdleSession(dataSource, async (session) => {
    await session.query(`DO GET_LOCK(${LOCK}, 60)`);
    try {
      return await work();
    } finally {
      await session.query(`DO RELEASE_LOCK(${LOCK})`);
    }
  });
}
