import { afterAll, describe, expect, it } from '@jest/globals';
import { serviceNamed, SERVICES, type ServiceName } from '@txmsg/contracts';
import { createConnection, type Connection, type RowDataPacket } from 'mysql2/promise';
import { createServiceDatabase, dropServiceDatabase, renameDatabase } from './service-database.js';
import { scriptTexts } from './service-scripts.js';

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

const ownScript = (service: ServiceName): string => scriptTexts(service)[0] ?? '';
const withExamples = SERVICES.map(({ name }) => name).filter((name) =>
  /^(?:AS SELECT|INSERT INTO)/m.test(ownScript(name)),
);

describe.each(withExamples)('the script of %s, interrupted after any of its tables', (service) => {
  const database = `cut_${service.replaceAll('-', '_')}`;
  const script = renameDatabase(ownScript(service), serviceNamed(service).database, database, database);

  const countsOf = async (root: Connection): Promise<string[]> => {
    const counts: string[] = [];
    for (const [, table = ''] of script.matchAll(/^CREATE TABLE IF NOT EXISTS `?(\w+)/gm)) {
      counts.push(`${table} ${(await textsOf(root, `SELECT COUNT(*) FROM ${database}.${table}`)).join()}`);
    }
    return counts;
  };

  afterAll(() => dropServiceDatabase(rootUrl, database));

  it('puts its examples there when it runs again', async () => {
    await dropServiceDatabase(rootUrl, database);
    await createServiceDatabase(rootUrl, service, database);
    await withRoot(async (root) => {
      const whole = await countsOf(root);
      for (const { 0: table, index } of script.matchAll(/^CREATE TABLE [^;]*;$/gm)) {
        await dropServiceDatabase(rootUrl, database);
        await root.query(script.slice(0, index + table.length));

        await createServiceDatabase(rootUrl, service, database);

        expect(await countsOf(root)).toEqual(whole);
      }
    });
  });
});

async function withRoot(work: (root: Connection) => Promise<unknown>): Promise<void> {
  const root = await createConnection({ uri: rootUrl, connectTimeout: 30_000, multipleStatements: true });
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
