import { createConnection, type Connection } from 'mysql2/promise';
import { parseMysqlUrl } from 'txmsg/mysql';

/** Tables that a scene reads or changes itself, where no call does it. */
export abstract class SceneTables {
  /** @param rootUrl - of an account with rights on every database of the scene */
  constructor(private readonly rootUrl: () => string) {}

  /** On a connection of its own, which is closed again. */
  protected async use<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    const connection = await createConnection(parseMysqlUrl(this.rootUrl()));
    try {
      return await work(connection);
    } finally {
      await connection.end();
    }
  }
}
