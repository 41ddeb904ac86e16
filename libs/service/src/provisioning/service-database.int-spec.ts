import { afterAll, describe, expect, it } from '@jest/globals';
import { SERVICES } from '@txmsg/contracts';
import { createConnection, type Connection, type RowDataPacket } from 'mysql2/promise';
import { createServiceDatabase, dropServiceDatabase } from './service-database.js';

const rootUrl = process.env.MYSQL_ROOT_URL ?? '';

describe.each(SERVICES.map(({ name }) => name))('the script of %s', (service) => {
  const database = `again_${service.replaceAll('-', '_')}`;

  afterAll(async () => {
    await withRoot((root) => root.query(`DROP USER IF EXISTS '${database}'@'10.0.0.%'`));
    await dropServiceDatabase(rootUrl, database);
  });

  it('makes neither its account nor its examples again, once somebody has moved or deleted them', async () => {
    await dropServiceDatabase(rootUrl, database);
    await createServiceDatabase(rootUrl, service, database);
    await withRoot(async (root) => {
      await root.query(`RENAME USER '${database}'@'%' TO '${database}'@'10.0.0.%'`);
      await root.query(`USE \`${database}\``);
      const names = await textsOf(root, 'SHOW TABLES');
      const tables = names.filter((name) => !name.startsWith('txmsg_'));
      await root.query('SET FOREIGN_KEY_CHECKS = 0');
      for (const table of tables) await root.query(`DELETE FROM \`${table}\``);

      await createServiceDatabase(rootUrl, service, database);

      const hosts = `SELECT Host FROM mysql.user WHERE User = '${database}'`;
      expect(await textsOf(root, hosts)).toEqual(['10.0.0.%']);
      for (const table of tables) {
        expect([table, await textsOf(root, `SELECT COUNT(*) FROM \`${table}\``)]).toEqual([table, ['0']]);
      }
    });
  });
});

async function withRoot(work: (root: Connection) => Promise<unknown>): Promise<void> {
  const root = await createConnection({ uri: rootUrl, connectTimeout: 30_000 });
  try {
    await work(root);
  } finally {
    await root.end();
  }
}

/** The first column, as text. */
async function textsOf(connection: Connection, sql: string): Promise<string[]> {
  const [rows] = await connection.query<RowDataPacket[]>(sql);
  return rows.map((row) => String(Object.values(row)[0]));
}
