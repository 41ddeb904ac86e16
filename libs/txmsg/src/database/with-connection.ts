import type { DataSource, EntityManager } from 'typeorm';
import { Deadline, withDeadline } from '../deadline/index.js';
import { DatabaseUnavailableError } from '../errors/index.js';
import { placeOf } from './database-place.js';
import { PooledConnection } from './pooled-connection.js';

/**
 * Work on one connection of the service's pool, each statement by itself (autocommit): reads, for callers that wait.
 * When the time is over, whoever waits for a connection leaves the queue, and a connection that does not answer is
 * closed, so that the next caller meets another one.
 *
 * Not for work that must not be done after its caller was told that it failed: a statement that the server has
 * received may still be carried out.
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
  const silence = new DatabaseUnavailableError(
    `MySQL at ${placeOf(dataSource)} did not answer within ${timeoutMs} ms.`,
  );
  try {
    const value = await withDeadline(work(connection.runner.manager), deadline.remainingMs(), () => silence);
    connection.release();
    return value;
  } catch (error) {
    if (error === silence) connection.destroy();
    else connection.release();
    throw error;
  }
}
