import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createConnection, type Connection, type RowDataPacket } from 'mysql2/promise';
import { pendingChanges, type SchemaChange } from 'txmsg/schema';
import { schemaOf } from '../../../txmsg/test/schema-of.js';
import { createBankDatabase, dropBankDatabase, renameBank } from './bank-database.js';
import { readBankScripts, type Bank } from './bank-scripts.js';

const rootUrl = process.env.MYSQL_ROOT_URL ?? '';

/** As the scripts first were. */
const FIRST_SCRIPTS: Readonly<Record<Bank, URL[]>> = {
  bank1: [
    new URL('../../test/first-schema/bank1.sql', import.meta.url),
    new URL('../../../txmsg/test/first-schema.sql', import.meta.url),
  ],
  bank2: [
    new URL('../../test/first-schema/bank2.sql', import.meta.url),
    new URL('../../../txmsg/test/first-schema.sql', import.meta.url),
  ],
};

describe.each<Bank>(['bank1', 'bank2'])('a database that the first version made for %s', (bank) => {
  const database = `${bank}_first_schema_spec`;
  const freshDatabase = `${bank}_fresh_schema_spec`;
  let fresh: Connection;
  let own: Connection;

  const pending = (): Promise<SchemaChange[]> =>
    pendingChanges(async (sql) => (await own.query<RowDataPacket[]>(sql))[0], readBankScripts(bank));

  beforeAll(async () => {
    for (const name of [database, freshDatabase]) await dropBankDatabase(rootUrl, name);
    const root = await createConnection({ uri: rootUrl, multipleStatements: true });
    for (const file of FIRST_SCRIPTS[bank]) {
      await root.query(renameBank(readFileSync(file, 'utf8'), bank, database, database));
    }
    await root.end();
    fresh = await createConnection(await createBankDatabase(rootUrl, bank, freshDatabase));
  });

  afterAll(async () => {
    await Promise.all([fresh.end(), own.end()]);
    for (const name of [database, freshDatabase]) await dropBankDatabase(rootUrl, name);
  });

  it("gets what it lacks when the scripts run again, which the bank's own account can see", async () => {
    const url = new URL(rootUrl);
    [url.username, url.password, url.pathname] = [database, 'local-development-only', `/${database}`];
    own = await createConnection(url.href);
    const names = (await pending()).map(({ name }) => name);
    expect(names).toContain('local_message.state_topic_next_attempt_at');
    expect(names.includes('outgoing_transfer.traceparent')).toBe(bank === 'bank1');
    await createBankDatabase(rootUrl, bank, database);
    await expect(pending()).resolves.toEqual([]);
    await expect(schemaOf(own)).resolves.toEqual(await schemaOf(fresh));
  });
});
