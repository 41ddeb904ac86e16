import mysql2, { type Pool, type PoolConnection, type PoolOptions } from 'mysql2';
import { isConnectionLost } from './mysql-errors.js';
import { pinSession } from './session-settings.js';

type Callback = (error: NodeJS.ErrnoException | null, connection: PoolConnection) => void;

/**
 * mysql2 for TypeORM's `driver` option. Every connection has the session settings before it is handed out, also for the
 * service's own statements outside of txmsg transactions.
 */
export class PinnedMysql2 {
  /** @param place - the server and where its address comes from, for messages */
  constructor(readonly place: string) {}

  createPool(options: PoolOptions): Pool {
    const pool = mysql2.createPool(options);
    const take = pool.getConnection.bind(pool) as (callback: Callback) => void;
    const takePinned = (callback: Callback): void => {
      take((error, connection) => {
        if (error) callback(error, connection);
        else void pinned(connection, callback);
      });
    };
    const end = pool.end.bind(pool) as (callback: (error: Error | null) => void) => void;
    // A connection that is lost while the pool waits for its last statement is closed as well.
    const endAlsoWithLost = (callback: (error: Error | null) => void): void => {
      end((error) => {
        callback(isConnectionLost(error) ? null : error);
      });
    };
    return Object.assign(pool, { getConnection: takePinned, end: endAlsoWithLost });
  }
}

async function pinned(connection: PoolConnection, callback: Callback): Promise<void> {
  let failure: Error | null = null;
  try {
    await pinSession(connection);
  } catch (error) {
    failure = error as Error;
  }
  callback(failure, connection);
}
