import { randomUUID } from 'node:crypto';
import type { DataSource, EntityManager } from 'typeorm';
import { withConnection } from '../database/index.js';

const TIMEOUT_MS = 10_000;

/**
 * The random id kept in the service's database. It tells half messages of this database from those of another
 * environment on the same broker, for which this barrier has no answer. Not protected against: a copy of the
 * whole database, which carries the same id.
 */
export function readDatabaseIdentity(dataSource: DataSource): Promise<string> {
  return withConnection(dataSource, TIMEOUT_MS, read);
}

async function read(entityManager: EntityManager): Promise<string> {
  await entityManager.query('INSERT IGNORE INTO txmsg_identity (id, database_id) VALUES (1, ?)', [
    randomUUID(),
  ]);
  const rows = await entityManager.query<{ database_id: string }[]>(
    'SELECT database_id FROM txmsg_identity WHERE id = 1',
  );
  const row = rows[0];
  if (row === undefined) throw new Error('txmsg_identity holds no row');
  return row.database_id;
}
