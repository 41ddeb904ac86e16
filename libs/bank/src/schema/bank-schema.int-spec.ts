import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { serviceNamed, SEATA_BANKS, type Bank } from '@txmsg/contracts';
import {
  createServiceDatabase,
  dropServiceDatabase,
  readScripts,
  renameDatabase,
} from '@txmsg/service/provisioning';
import { createConnection, type Connection, type RowDataPacket } from 'mysql2/promise';
import { pendingChanges, type SchemaChange } from 'txmsg/schema';
import { schemaOf } from '../../../txmsg/test/schema-of.js';

const rootUrl = process.env.MYSQL_ROOT_URL ?? '';

/** As the scripts first were. */
const FIRST_SCRIPTS: Readonly<Record<Bank, URL[]>> = {
  bank1: [
    new URL('../../test/first-schema/bank1.sql', import.meta.url),
    new URL('../../../txmsg/test/first-schema/txmsg.sql', import.meta.url),
  ],
  bank2: [
    new URL('../../test/first-schema/bank2.sql', import.meta.url),
    new URL('../../../txmsg/test/first-schema/txmsg.sql', import.meta.url),
  ],
};

describe.each<Bank>(['bank1', 'bank2'])('a database that the first version made for %s', (bank) => {
  const database = `${bank}_first_schema_spec`;
  const freshDatabase = `${bank}_fresh_schema_spec`;
  let fresh: Connection;
  let own: Connection;

  const pending = (): Promise<SchemaChange[]> =>
    pendingChanges(async (sql) => (await own.query<RowDataPacket[]>(sql))[0], readScripts(bank));

  beforeAll(async () => {
    for (const name of [database, freshDatabase]) await dropServiceDatabase(rootUrl, name);
    const root = await createConnection({ uri: rootUrl, multipleStatements: true });
    for (const file of FIRST_SCRIPTS[bank]) {
      await root.query(renameDatabase(readFileSync(file, 'utf8'), bank, database, database));
    }
    await root.end();
    fresh = await createConnection(await createServiceDatabase(rootUrl, bank, freshDatabase));
  });

  afterAll(async () => {
    await Promise.all([fresh.end(), own.end()]);
    for (const name of [database, freshDatabase]) await dropServiceDatabase(rootUrl, name);
  });

  it("gets what it lacks when the scripts run again, which the bank's own account can see", async () => {
    const url = new URL(rootUrl);
    [url.username, url.password, url.pathname] = [database, 'local-development-only', `/${database}`];
    own = await createConnection(url.href);
    const names = (await pending()).map(({ name }) => name);
    expect(names).toContain('local_message.state_topic_next_attempt_at');
    expect(names).toContain('account_info.account_name');
    expect(names.includes('outgoing_transfer.traceparent')).toBe(bank === 'bank1');
    await createServiceDatabase(rootUrl, bank, database);
    await expect(pending()).resolves.toEqual([]);
    await expect(schemaOf(own)).resolves.toEqual(await schemaOf(fresh));
  });
});

describe.each(SEATA_BANKS)('a database that an earlier version made for %s', (bank) => {
  const database = `earlier_${serviceNamed(bank).database}_spec`;
  let own: Connection;

  const pending = async (): Promise<string[]> =>
    (await pendingChanges(async (sql) => (await own.query<RowDataPacket[]>(sql))[0], readScripts(bank))).map(
      ({ name }) => name,
    );

  beforeAll(async () => {
    await dropServiceDatabase(rootUrl, database);
    own = await createConnection(await createServiceDatabase(rootUrl, bank, database));
    const root = await createConnection(rootUrl);
    await root.query(`ALTER TABLE ${database}.account_info MODIFY account_name VARCHAR(100) NOT NULL`);
    await root.end();
  });

  afterAll(async () => {
    await own.end();
    await dropServiceDatabase(rootUrl, database);
  });

  it('takes an account without a name once the script has run again', async () => {
    const insert = "INSERT INTO account_info (account_no, account_balance) VALUES ('nameless', 0)";
    await expect(own.query(insert)).rejects.toMatchObject({ code: 'ER_NO_DEFAULT_FOR_FIELD' });
    await expect(pending()).resolves.toEqual(['account_info.account_name']);
    await createServiceDatabase(rootUrl, bank, database);
    await expect(pending()).resolves.toEqual([]);
    await own.query(insert);
    const [rows] = await own.query<RowDataPacket[]>('SELECT account_no, account_name FROM account_info');
    expect(rows).toEqual([
      { account_no: expect.any(String) as unknown, account_name: expect.any(String) as unknown },
      { account_no: 'nameless', account_name: null },
    ]);
  });
});
