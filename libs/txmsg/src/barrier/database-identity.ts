import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';

/**
 * The random id kept in the service's database. It tells half messages of this database from those of another
 * environment on the same broker, for which this barrier has no answer. Not protected against: a copy of the
 * whole database, which carries the same id.
 */
export async function readDatabaseIdentity(dataSource: DataSource): Promise<string> {
  await dataSource.query('INSERT IGNORE INTO txmsg_identity (id, database_id) VALUES (1, ?)', [randomUUID()]);
  const rows = await dataSource.query<{ database_id: string }[]>(
    'SELECT database_id FROM txmsg_identity WHERE id = 1',
  );
  const row = rows[0];
  if (row === undefined) throw new Error('txmsg_identity holds no row');
  return row.database_id;
}
