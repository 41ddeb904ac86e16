import type { DataSource, EntityManager } from 'typeorm';
import { Deadline, withDeadline } from '../deadline/index.js';
import { DatabaseUnavailableError } from '../errors/index.js';
import { placeOf } from './database-place.js';
import { PooledConnection } from './pooled-connection.js';

/**
 * Runs `work` on one connection of the service's pool, in autocommit mode and not in a transaction: for reads. When the time
 * is over, a caller that waits for a connection is removed from the pool's queue, and a connection that does not answer is
 * closed, so that the next caller gets another one.
 *
 * Not guaranteed: that nothing was done when it throws. A statement that the server has received may still be carried out.
 *
 * @param timeoutMs - covers everything
 * @throws DatabaseUnavailableError when no connection came or no answer did; otherwise what the work throws
 */
export async function withConnection<T>(
  dataSource: DataSource,
  timeoutMs: number,
  work: (entityManager: EntityManager) => Promise<T>,
): Promise<T> {
  const deadline = Deadline.in(timeoutMs);
  const connection = await PooledConnection.open(dataSource, deadline.remainingMs());
  const silence: { error?: Error } = {};
  const expired = (): Error =>
    (silence.error = new DatabaseUnavailableError(
      `MySQL at ${placeOf(dataSource)} did not answer within ${timeoutMs} ms.`,
    ));
  try {
    const value = await withDeadline(work(connection.runner.manager), deadline.remainingMs(), expired);
    connection.release();
    return value;
  } catch (error) {
    if (error === silence.error) connection.destroy();
    else connection.release();
    throw error;
  }
}
